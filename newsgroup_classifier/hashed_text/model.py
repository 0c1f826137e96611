"""A linear model on hashed n-grams: one matrix of small integers."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from newsgroup_classifier.hashed_text.vocabulary import Rows, Vocabulary

_MOST = 127  # the largest weight as an integer
_SLICE = 256  # texts scored at once, to bound memory


@dataclass(frozen=True)
class HashedLinear:
    """The weights of the n-grams of several vocabularies, joined in their order.

    The weight of feature i for label j is `weights[i, j]` (int8) times `scales[i]` (float32).
    """

    vocabularies: tuple[Vocabulary, ...]
    weights: np.ndarray
    scales: np.ndarray
    intercepts: np.ndarray

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return the scores of n texts: float64 (n, labels)."""
        scores = np.empty((len(texts), len(self.intercepts)))
        for first in range(0, len(texts), _SLICE):
            blocks = [each.weigh(texts[first : first + _SLICE]) for each in self.vocabularies]
            ends = [rows.indptr.tolist() for rows in blocks]
            for number in range(len(ends[0]) - 1):
                spans = [slice(own[number], own[number + 1]) for own in ends]
                scores[first + number] = self._score(blocks, spans)
        return scores

    def _score(self, blocks: Sequence[Rows], spans: Sequence[slice]) -> np.ndarray:
        """Return the scores of one text, which score alike whatever other texts there are."""
        first, places = 0, []
        for vocabulary, rows, span in zip(self.vocabularies, blocks, spans, strict=True):
            places.append(rows.indices[span] + first)
            first += len(vocabulary.keys)
        features = np.concatenate(places)
        values = np.concatenate([rows.data[span] for rows, span in zip(blocks, spans, strict=True)])
        values = values * self.scales.take(features).astype(np.float64)
        weights = self.weights.take(features, axis=0).astype(np.float64)
        # Not with @: BLAS would wait for its threads, and sum in an order of its own.
        scores: np.ndarray = np.einsum("i,ij->j", values, weights)
        scores += self.intercepts
        return scores

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts, the softmax of the scores: float64 (n, labels)."""
        scores = self.score(texts)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


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
