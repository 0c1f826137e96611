"""A linear model on hashed n-grams: one matrix of small integers."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from newsgroup_classifier.hashed_text.counting import (
    LONG,
    MOST_TOGETHER,
    count_together,
    joint_keys,
)
from newsgroup_classifier.hashed_text.vocabulary import Rows, Vocabulary, log_counts, scale_rows

_MOST = 127  # the largest weight as an integer
_SLICE = 256  # texts scored at once, to bound memory
_BITS = 19  # the first bits of a key, which are its row in the table of keys
_LAST = np.uint64(2**64 - 1)


class Sharpness(NamedTuple):
    """How sure a classifier is, which depends on the peak of a text's scores: max - mean.

    The scores of a text are multiplied by `factor * peak ** power`. With a power above -1, a higher
    peak is always surer. The order of the labels does not change.
    """

    factor: float = 1.0
    power: float = 0.0

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return the probabilities of n texts, the softmax of their scores: (n, labels)."""
        means = scores.mean(axis=1, keepdims=True)
        peaks = scores.max(axis=1, keepdims=True) - means
        scale = self.factor * np.where(peaks > 0, peaks, 1.0) ** self.power
        odds = np.exp(scale * (scores - means - peaks))
        probabilities: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


AS_THEY_ARE = Sharpness()


@dataclass(frozen=True)
class KeyTable:
    """Sorted distinct keys (uint64) with one more that ends all searches, and where rows begin.

    It finds keys in fewer steps than a binary search.
    """

    keys: np.ndarray
    begins: np.ndarray

    def find(self, wanted: np.ndarray) -> np.ndarray:
        """Return the places of wanted keys (int32), and the number of keys for missing ones."""
        places = self.begins.take(_rows(wanted))
        found = self.keys.take(places, mode="clip")
        behind = np.flatnonzero(found < wanted)
        while len(behind):
            places[behind] += 1
            found[behind] = self.keys.take(places[behind], mode="clip")
            behind = behind[found[behind] < wanted[behind]]
        places[found != wanted] = len(self.keys) - 1
        return places


def make_key_table(keys: np.ndarray) -> KeyTable:
    """Return the table of sorted distinct keys, which takes 2 MB besides the keys."""
    begins = np.zeros(1 << _BITS, np.int32)
    np.cumsum(np.bincount(_rows(keys), minlength=len(begins))[:-1], out=begins[1:])
    return KeyTable(np.append(keys, _LAST), begins)


def _rows(keys: np.ndarray) -> np.ndarray:
    return (keys >> np.uint64(64 - _BITS)).view(np.int64)


@dataclass(frozen=True)
class HashedLinear:
    """The weights of the n-grams of several vocabularies, joined in their order.

    The weight of feature i for label j is `weights[i, j]` (int8) times `scales[i]` (float32).
    """

    vocabularies: tuple[Vocabulary, ...]
    weights: np.ndarray
    scales: np.ndarray
    intercepts: np.ndarray
    sharpness: Sharpness = AS_THEY_ARE

    @cached_property
    def _joint(self) -> tuple[KeyTable, np.ndarray]:
        """The joint keys of all features, and what the score of a text needs of each.

        The fields of a feature are next to each other, since most of the time goes into fetching
        them from memory.
        """
        keys = [joint_keys(each.keys, number) for number, each in enumerate(self.vocabularies)]
        weights = ("weights", np.int8, len(self.intercepts))
        features = np.empty(len(self.scales), [weights, ("scale", np.float32), ("idf", float)])
        features["weights"], features["scale"] = self.weights, self.scales
        features["idf"] = np.concatenate([each.idf for each in self.vocabularies])
        return make_key_table(np.concatenate(keys)), features

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return the scores of n texts: float64 (n, labels)."""
        together = len(self.vocabularies) <= MOST_TOGETHER
        if len(texts) == 1 and len(texts[0]) <= LONG and together:
            return self._score_one(texts[0])[np.newaxis]
        scores = np.empty((len(texts), len(self.intercepts)))
        for first in range(0, len(texts), _SLICE):
            blocks = [each.weigh(texts[first : first + _SLICE]) for each in self.vocabularies]
            ends = [rows.indptr.tolist() for rows in blocks]
            for number in range(len(ends[0]) - 1):
                spans = [slice(own[number], own[number + 1]) for own in ends]
                scores[first + number] = self._score_rows(blocks, spans)
        return scores

    def _score_one(self, text: str) -> np.ndarray:
        table, features = self._joint
        counts = count_together([each.block for each in self.vocabularies], text)
        places = table.find(counts.keys)
        known = places < len(features)
        starts = counts.indptr[:-1]
        sizes = counts.indptr[1:] - starts
        values = np.repeat([each.rest_idf for each in self.vocabularies], sizes)
        found = features.take(places[known])
        values[known] = found["idf"]
        ends, factors = counts.indptr.tolist(), log_counts(counts.counts)
        for number, vocabulary in enumerate(self.vocabularies):
            if vocabulary.block.k1:
                own = slice(ends[number], ends[number + 1])
                factors[own] = vocabulary.dampen(counts.counts[own], counts.counts[own].sum())
        values *= factors
        scale_rows(values, starts, sizes)
        return self._sum(values[known].astype(np.float32), found["scale"], found["weights"])

    def _score_rows(self, blocks: Sequence[Rows], spans: Sequence[slice]) -> np.ndarray:
        first, places = 0, []
        for vocabulary, rows, span in zip(self.vocabularies, blocks, spans, strict=True):
            places.append(rows.indices[span] + first)
            first += len(vocabulary.keys)
        values = [rows.data[span] for rows, span in zip(blocks, spans, strict=True)]
        found = np.concatenate(places)
        scales, weights = self.scales.take(found), self.weights.take(found, axis=0)
        return self._sum(np.concatenate(values), scales, weights)

    def _sum(self, values: np.ndarray, scales: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the scores of one text, which are the same whatever other texts there are."""
        # Not with @: BLAS would wait for its threads, and sum in an order of its own.
        scaled = values * scales.astype(np.float64)
        scores: np.ndarray = np.einsum("i,ij->j", scaled, weights.astype(np.float64))
        scores += self.intercepts
        return scores

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts: float64 (n, labels)."""
        return self.sharpness.probabilities(self.score(texts))


def fold(
    vocabularies: Sequence[Vocabulary], weights: np.ndarray, intercepts: np.ndarray
) -> HashedLinear:
    """Return a model with weights (features, labels) rounded to 255 steps per feature."""
    scales = (np.abs(weights).max(axis=1, initial=0.0) / _MOST).astype(np.float32)
    steps = np.where(scales == 0, np.float32(1), scales)[:, np.newaxis]
    rounded = np.clip(np.rint(weights / steps), -_MOST, _MOST).astype(np.int8)
    return HashedLinear(tuple(vocabularies), rounded, scales, np.asarray(intercepts, np.float64))


def unicode_difference(version: str) -> str:
    """Return a warning if a model was fitted with another version of Unicode; "" otherwise.

    Python decides by its version of Unicode what is a letter, and how to write it in lower case.
    """
    own = unicodedata.unidata_version
    if version == own:
        return ""
    return (
        f"the model was trained with Unicode {version}, and this Python has Unicode {own}; texts "
        "with characters that only one of them knows may get other probabilities. Train and serve "
        "with the same Python version."
    )
