"""A linear model on hashed n-grams: one matrix of small integers and one temperature."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from newsgroup_classifier.hashed_text.vocabulary import Vocabulary

_MOST = 127  # the largest weight as an integer


@dataclass(frozen=True)
class HashedLinear:
    """The weights of the n-grams of several vocabularies, joined in their order.

    The weight of feature i for label j is `weights[i, j]` (int8) times `scales[i]` (float32). The
    probabilities are the softmax of the scores divided by the `temperature` (Guo and others, "On
    Calibration of Modern Neural Networks", ICML 2017).
    """

    vocabularies: tuple[Vocabulary, ...]
    weights: np.ndarray
    scales: np.ndarray
    intercepts: np.ndarray
    temperature: float

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return the scores of n texts: float64 (n, labels)."""
        scores = np.tile(self.intercepts, (len(texts), 1))
        first = 0
        for vocabulary in self.vocabularies:
            last = first + len(vocabulary.keys)
            weights, scales = self.weights[first:last], self.scales[first:last]
            text = 0
            for rows in vocabulary.weigh_chunks(texts):
                values = rows.data.astype(np.float64) * scales[rows.indices]
                ends = rows.indptr.tolist()
                for start, end in pairwise(ends):
                    # One product per text, so that a text scores alike in any company.
                    places = rows.indices[start:end]
                    scores[text] += values[start:end] @ weights[places].astype(np.float64)
                    text += 1
            first = last
        return scores

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts: float64 (n, labels)."""
        scores = self.score(texts) / self.temperature
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


def fold(
    vocabularies: Sequence[Vocabulary],
    weights: np.ndarray,
    intercepts: np.ndarray,
    temperature: float,
) -> HashedLinear:
    """Return a model with weights (features, labels) rounded to 255 steps per feature."""
    scales = (np.abs(weights).max(axis=1, initial=0.0) / _MOST).astype(np.float32)
    steps = np.where(scales == 0, np.float32(1), scales)[:, np.newaxis]
    rounded = np.clip(np.rint(weights / steps), -_MOST, _MOST).astype(np.int8)
    return HashedLinear(
        tuple(vocabularies), rounded, scales, np.asarray(intercepts, np.float64), temperature
    )


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
