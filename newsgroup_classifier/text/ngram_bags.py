"""Encode texts as bags of weighted n-grams, of words or stems and of the characters of words.

The weights equal those of scikit-learn's TfidfVectorizer(sublinear_tf=True), which the containers
lack: (1 + ln count) * (1 + ln((1 + texts) / (1 + texts with the term))), in rows of length 1.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.stemming import make_snowball_stemmer
from newsgroup_classifier.text.word_splitting import cache_words, split_words

_SHORTEST = 2  # a single character adds nothing to its word


@dataclass(frozen=True)
class Terms:
    """The terms of one kind, most frequent first, and in how many of `texts` texts each occurs."""

    names: tuple[str, ...]
    frequencies: tuple[int, ...]
    texts: int

    @cached_property
    def indices(self) -> dict[str, int]:
        """The index of each term in `names`."""
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def idf(self) -> NDArray[np.float64]:
        """The inverse document frequency of each term."""
        frequencies = np.array(self.frequencies, dtype=np.float64)
        return np.log((1.0 + self.texts) / (1.0 + frequencies)) + 1.0

    def field(self) -> dict[str, Any]:
        """Return the terms as a field of a vocabulary file; another one has the number of texts."""
        return {"names": list(self.names), "frequencies": list(self.frequencies)}

    @classmethod
    def of_field(cls, field: dict[str, Any], texts: int) -> Self:
        """Return the terms of a field."""
        return cls(tuple(field["names"]), tuple(field["frequencies"]), texts)


def learn_terms(rows: Iterable[Iterable[str]], min_df: int, max_features: int) -> Terms:
    """Return the `max_features` most frequent of the terms that occur in `min_df` or more rows.

    There is one row of terms per text. Equally frequent terms are sorted alphabetically, so equal
    texts give equal terms.
    """
    counts: Counter[str] = Counter()
    texts = 0
    for row in rows:
        counts.update(set(row))
        texts += 1
    frequent = [(name, count) for name, count in counts.items() if count >= min_df]
    frequent.sort(key=lambda term: (-term[1], term[0]))
    if not frequent:
        raise DataError(
            f"none of {len(counts)} terms occurs in {min_df} or more of the {texts} texts; "
            "expected at least one term. Train on more texts, or with a lower min_df."
        )
    names, frequencies = zip(*frequent[:max_features], strict=True)
    return Terms(names, frequencies, texts)


class Weigher:
    """Turn rows of token ids into weights; ids count the terms of all kinds from 1."""

    def __init__(self, kinds: Sequence[Terms]) -> None:
        self._idf = np.concatenate([[0.0], *(terms.idf for terms in kinds)])
        self._last = np.cumsum([len(terms.names) for terms in kinds])  # the last id of each kind

    def weigh(self, rows: Iterable[Sequence[int]]) -> dict[str, NDArray[np.generic]]:
        """Return the sorted, distinct token ids of each row and their weights, padded with 0.

        A row has the ids of all terms of a text, repeated as often as they occur. The weights of
        each kind form a vector of length 1.
        """
        listed = list(rows)
        lengths = np.fromiter(map(len, listed), np.int64, len(listed))
        ids = np.fromiter(chain.from_iterable(listed), np.int64, int(lengths.sum()))
        # One number per pair of row and id, so that one sort orders and counts all rows.
        pairs = np.repeat(np.arange(len(listed)) * len(self._idf), lengths) + ids
        pairs, counts = np.unique(pairs, return_counts=True)
        row, token = np.divmod(pairs, len(self._idf))
        weight = (1.0 + np.log(counts)) * self._idf[token]
        kind = row * len(self._last) + np.searchsorted(self._last, token)
        weight /= np.sqrt(np.bincount(kind, weight * weight)[kind])
        tokens, weights = _padded(row, token, weight, len(listed))
        return {"tokens": tokens, "weights": weights}


def _padded(
    row: NDArray[np.int64], token: NDArray[np.int64], weight: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return tokens and weights as arrays of `count` rows and at least one column."""
    lengths = np.bincount(row, minlength=count)
    column = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    shape = (count, max(1, int(lengths.max(initial=1))))
    tokens, weights = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    tokens[row, column] = token
    weights[row, column] = weight
    return tokens, weights


class NgramBags:
    """An encoder of n-grams of 1 to `word_ngrams` words and 2 to `character_ngrams` characters.

    Character n-grams stay within a word that has a space at each end; there are none if
    `character_ngrams` is below 2. Of each kind, the encoder keeps the `max_features` most frequent
    n-grams that occur in `min_df` or more texts. With `stems`, words are replaced by their stems,
    so that "adding" and "added" count as one word.
    """

    kind = "ngrams"
    word_terms: Terms
    character_terms: Terms | None

    def __init__(
        self,
        word_ngrams: int,
        character_ngrams: int,
        min_df: int = 1,
        max_features: int = 200_000,
        stems: bool = False,
    ) -> None:
        self.word_ngrams = word_ngrams
        self.character_ngrams = character_ngrams
        self.min_df = min_df
        self.max_features = max_features
        self.stems = stems

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn the n-grams and the number of texts in which each occurs."""
        limits = self.min_df, self.max_features
        words = learn_terms(
            (_word_ngrams(self._words(text), self.word_ngrams) for text in texts), *limits
        )
        if self.character_ngrams < _SHORTEST:
            return self._set(words, None)
        ngrams = cache_words(lambda word: tuple(_character_ngrams(word, self.character_ngrams)))
        rows = (
            {name for word in set(self._words(text)) for name in ngrams(word)} for text in texts
        )
        return self._set(words, learn_terms(rows, *limits))

    def _set(self, words: Terms, characters: Terms | None) -> Self:
        self.word_terms, self.character_terms = words, characters
        self._weigher = Weigher(self.kinds)
        self._cached_character_ids = cache_words(self._character_ids)
        return self

    @property
    def kinds(self) -> tuple[Terms, ...]:
        """The terms of each kind; token ids count them from 1 in this order."""
        return tuple(terms for terms in (self.word_terms, self.character_terms) if terms)

    @property
    def size(self) -> int:
        """The number of token ids: one per n-gram, and one for padding."""
        return sum(len(terms.names) for terms in self.kinds) + 1

    def transform(self, texts: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        """Return {"tokens": int32 (texts, m), "weights": float32 (texts, m)}.

        m is the largest number of n-grams in one of the texts, at least 1.
        """
        return self._weigher.weigh(self._ids(text) for text in texts)

    def _words(self, text: str) -> list[str]:
        """Return the words of a text, or their stems; a single apostrophe has none."""
        words = split_words(text)
        if not self.stems:
            return words
        stem = make_snowball_stemmer()
        return [stemmed for word in words if (stemmed := stem(word))]

    def _ids(self, text: str) -> list[int]:
        """Return the id of each occurrence of a known n-gram in a text."""
        words, indices = self._words(text), self.word_terms.indices
        ids = [
            indices[name] + 1 for name in _word_ngrams(words, self.word_ngrams) if name in indices
        ]
        for word in words if self.character_terms else ():
            ids.extend(self._cached_character_ids(word))
        return ids

    def _character_ids(self, word: str) -> list[int]:
        """Return the ids of the known character n-grams of a word."""
        if self.character_terms is None:
            return []
        indices, first = self.character_terms.indices, len(self.word_terms.names) + 1
        names = _character_ngrams(word, self.character_ngrams)
        return [first + indices[name] for name in names if name in indices]

    def fields(self) -> dict[str, Any]:
        """Return the fields of the vocabulary file, except the kind."""
        characters = self.character_terms
        return {
            "word_ngrams": self.word_ngrams,
            "character_ngrams": self.character_ngrams,
            "min_df": self.min_df,
            "max_features": self.max_features,
            "stems": self.stems,
            "texts": self.word_terms.texts,
            "word_terms": self.word_terms.field(),
            "character_terms": characters.field() if characters else None,
        }

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Return the encoder with these fields."""
        names = ("word_ngrams", "character_ngrams", "min_df", "max_features", "stems")
        words, characters = (
            field and Terms.of_field(field, fields["texts"])
            for field in (fields["word_terms"], fields["character_terms"])
        )
        return cls(*(fields[name] for name in names))._set(words, characters)


def _word_ngrams(words: Sequence[str], longest: int) -> list[str]:
    """Return the n-grams of 1 to `longest` words, with their words separated by spaces."""
    ngrams = list(words)
    for length in range(2, longest + 1):
        shifted = [words[first:] for first in range(length)]
        ngrams.extend(map(" ".join, zip(*shifted, strict=False)))
    return ngrams


def _character_ngrams(word: str, longest: int) -> Iterator[str]:
    """Yield the n-grams of 2 to `longest` characters of a word between two spaces.

    A list of the n-grams of a word with millions of characters would take a gigabyte.
    """
    padded = f" {word} "
    for length in range(_SHORTEST, longest + 1):
        for first in range(len(padded) - length + 1):
            yield padded[first : first + length]
