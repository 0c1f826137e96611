"""Encode texts as bags of weighted n-grams, of words or stems and of the characters of words."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.text.stemming import make_snowball_stemmer
from newsgroup_classifier.text.terms import Terms, Weigher, learn_terms
from newsgroup_classifier.text.word_splitting import cache_words, split_words

_SHORTEST = 2  # a single character adds nothing to its word


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
