"""The shares of topics in texts: the E-step of scikit-learn's LatentDirichletAllocation.

All texts of a group take their steps together, and each stops by itself, as scikit-learn lets it.
Every operation is done in the order and by the formulas of scikit-learn, its digamma included, so
that the shares agree to the last digits: a tree asks on which side of a number they are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lambda_handler.checks import number, take, within
from lambda_handler.counts import Counts
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members

_EULER = 0.577215664901532860606512090082402431
_TINY = 2.0**-52  # what scikit-learn adds, so that nothing is divided by 0
_LEAST, _SMALL = 6.0, 1e-6  # where digamma's series begins, and below what it is -1/x
_SHIFTS = np.arange(_LEAST)
_MOST_WORDS = 8192  # different words of a group of texts: bounds the memory it takes


@dataclass(frozen=True)
class Topics:
    """Word weights of shape (n words, n topics), and how long the steps go on."""

    words: np.ndarray
    prior: float
    most_updates: int
    least_change: float

    def shares(self, counts: Counts) -> np.ndarray:
        """Return the shares of topics of n texts, of shape (n, n topics)."""
        # scikit-learn leaves a text without a known word at the prior.
        weights = np.full((counts.rows, self.words.shape[1]), self.prior)
        for group in counts.groups(_MOST_WORDS):
            words = self.words[group.columns].astype(np.float64)
            if len(group.rows) == 1:
                weights[group.rows[0]] = self._settle_one(words, group.values)
            else:
                weights[group.rows] = self._settle(words, group.values, group.starts)
        return weights / weights.sum(axis=1)[:, np.newaxis]

    def _settle_one(self, words: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the weights of topics in one text; `words` has its rows of word weights."""
        weights = np.ones(words.shape[1])
        factors = _expectations(weights)
        for _ in range(self.most_updates):
            before = weights
            weights = factors * ((values / (words @ factors + _TINY)) @ words) + self.prior
            if np.abs(before - weights).mean() < self.least_change:
                break
            factors = _expectations(weights)
        return weights

    def _settle(self, words: np.ndarray, values: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Return the weights of topics in several texts; each begins at one of `starts`."""
        settled = np.ones((len(starts), words.shape[1]))
        rows, weights = np.arange(len(starts)), settled.copy()
        factors = _expectations(weights)
        for _ in range(self.most_updates):
            of_row = np.repeat(np.arange(len(rows)), np.diff(starts, append=len(values)))
            shown = values / (np.einsum("ij,ij->i", factors[of_row], words) + _TINY)
            before = weights
            weights = factors * np.add.reduceat(words * shown[:, np.newaxis], starts) + self.prior
            settled[rows] = weights
            moving = np.abs(before - weights).mean(axis=1) >= self.least_change
            if not moving.all():
                if not moving.any():
                    break
                kept = moving[of_row]
                rows, weights, words, values = (
                    rows[moving],
                    weights[moving],
                    words[kept],
                    values[kept],
                )
                lengths = np.bincount(of_row[kept], minlength=len(moving))[moving]
                starts = np.cumsum(lengths) - lengths
            factors = _expectations(weights)
        return settled


def _expectations(weights: np.ndarray) -> np.ndarray:
    """Return exp(E[log(share)]) for Dirichlet weights along the last axis."""
    return np.exp(digamma(weights) - digamma(weights.sum(axis=-1, keepdims=True)))


def digamma(x: np.ndarray) -> np.ndarray:
    """Return the digamma function of numbers above 0, by scikit-learn's own formula.

    It shifts a number to 6 or more and takes four terms of the series there (Bernardo, algorithm
    AS 103), which is off by up to 2.5e-9; so are the shares that the trees were grown on.
    """
    steps = x[..., np.newaxis] + _SHIFTS
    short = steps < _LEAST
    result = -(short / steps).sum(axis=-1)
    shifted = x + short.sum(axis=-1)
    r = 1.0 / shifted
    result += np.log(shifted) - 0.5 * r
    r *= r
    result -= r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)))
    return np.where(x <= _SMALL, -_EULER - 1.0 / x, result)


def load_topics(manifest: dict[str, Any], arrays: Members) -> Topics:
    """Return the topics in a model file; raise ModelError if they are broken."""
    words = take(arrays, "word_topics", "f", 2)
    within(words, 0.0, 1.0, "word_topics")
    if words.size == 0:
        raise ModelError("the model file's word_topics are empty")
    return Topics(
        words=words,
        prior=number(manifest, "doc_topic_prior", 1e-9, 1e6),
        most_updates=int(number(manifest, "most_updates", 1, 10_000)),
        least_change=number(manifest, "least_change", 0.0, 1.0),
    )
