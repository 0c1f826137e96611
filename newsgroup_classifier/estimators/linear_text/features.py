"""The blocks of a profile, learned from texts, and their rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from newsgroup_classifier.estimators.linear_text.members import Mix
from newsgroup_classifier.hashed_text.blocks import Block
from newsgroup_classifier.hashed_text.vocabulary import Vocabulary, learn


@dataclass(frozen=True)
class Features:
    """The vocabularies of blocks by name, and the rows of the texts that they were learned from."""

    vocabularies: Mapping[str, Vocabulary]
    rows: Mapping[str, csr_matrix]

    def mixed(self, mix: Mix) -> csr_matrix:
        """Return the rows of some blocks side by side, each times its factor."""
        parts = [self.rows[name] * np.float32(factor) for name, factor in mix.items()]
        return parts[0] if len(parts) == 1 else hstack(parts, format="csr")

    @property
    def values(self) -> int:
        """The number of values of all rows."""
        return sum(int(rows.nnz) for rows in self.rows.values())

    @property
    def empty(self) -> int:
        """The number of texts without a value."""
        counts: Any = reduce(np.add, (np.diff(rows.indptr) for rows in self.rows.values()))
        return int((counts == 0).sum())

    def most_frequent(self, count: int) -> "Features":
        """Return the `count` features that occur in the most texts, or all if there are fewer."""
        frequencies = np.concatenate([each.frequencies for each in self.vocabularies.values()])
        if count >= len(frequencies):
            return self
        # Of those with the least frequency, as many as there is room for.
        frequent = np.zeros(len(frequencies), bool)
        frequent[np.argsort(-frequencies, kind="stable")[:count]] = True
        vocabularies, rows, first = {}, {}, 0
        for name, vocabulary in self.vocabularies.items():
            last = first + len(vocabulary.keys)
            places = np.flatnonzero(frequent[first:last])
            vocabularies[name] = keep_features(vocabulary, places)
            rows[name] = self.rows[name][:, places]
            first = last
        return Features(vocabularies, rows)


def learn_features(blocks: Mapping[str, Block], texts: Sequence[str]) -> Features:
    """Return the features that blocks learn from texts; raise ValueError if there are none."""
    vocabularies, rows = {}, {}
    for name, block in blocks.items():
        vocabularies[name], block_rows = learn(block, texts)
        parts = (block_rows.data, block_rows.indices, block_rows.indptr)
        rows[name] = csr_matrix(parts, shape=(len(texts), len(vocabularies[name].keys)))
    if not any(len(vocabulary.keys) for vocabulary in vocabularies.values()):
        raise ValueError("empty vocabulary: the texts have no words and no frequent characters")
    return Features(vocabularies, rows)


def keep_features(vocabulary: Vocabulary, places: np.ndarray) -> Vocabulary:
    """Return the vocabulary of some of its n-grams, given by their sorted places.

    The others keep their share of the length of a row; all count with one mean idf.
    """
    dropped = np.ones(len(vocabulary.keys), bool)
    dropped[places] = False
    frequencies = vocabulary.frequencies[dropped]
    if not len(frequencies):
        return vocabulary
    rest = math.sqrt(np.average(vocabulary.idf[dropped] ** 2, weights=frequencies))
    return vocabulary.keep(places, rest)
