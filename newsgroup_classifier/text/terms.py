"""Learn the terms (words, n-grams, or stems) of texts, and weigh texts with TF-IDF.

The weights equal those of scikit-learn's TfidfVectorizer(sublinear_tf=True), which the containers
lack: (1 + ln count) * (1 + ln((1 + texts) / (1 + texts with the term))), in rows of length 1.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import DataError


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
