"""The shares of topics in texts: the E-step of scikit-learn's LatentDirichletAllocation.

All texts of a group take their steps together, and each stops by itself, as scikit-learn lets it.
Every operation is done in the order and by the formulas of scikit-learn, its digamma included, so
that the shares agree to the last digits: a tree asks on which side of a number they are.
"""

import math
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
_FEW = 0.75  # the share of texts still moving at which the others are left out
_FEW_TOPICS = 8  # up to which plain numbers are quicker than arrays
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
                one = self._settle_few if words.shape[1] <= _FEW_TOPICS else self._settle_one
                weights[group.rows[0]] = one(words, group.values)
            else:
                weights[group.rows] = self._settle(words, group.values, group.starts)
        return weights / weights.sum(axis=1)[:, np.newaxis]

    def _settle_few(self, words: np.ndarray, values: np.ndarray) -> list[float]:
        """Do what _settle_one does, in plain numbers: a call of numpy costs more than its work."""
        weights = [1.0] * words.shape[1]
        factors = _plain_expectations(weights)
        for _ in range(self.most_updates):
            before = weights
            sums = ((values / (words @ np.array(factors) + _TINY)) @ words).tolist()
            weights = [
                factor * found + self.prior for factor, found in zip(factors, sums, strict=True)
            ]
            changes = [abs(old - new) for old, new in zip(before, weights, strict=True)]
            if sum(changes) / len(changes) < self.least_change:
                break
            factors = _plain_expectations(weights)
        return weights

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
        """Return the weights of topics in several texts; each begins at one of `starts`.

        Who has settled is kept, and goes on for nothing until a quarter of the texts can be left
        out at once, since leaving out copies the rest.
        """
        settled = np.ones((len(starts), words.shape[1]))
        rows, weights, words = np.arange(len(starts)), settled.copy(), words.T.copy()
        moving = np.ones(len(rows), dtype=bool)
        of_row = np.repeat(rows, np.diff(starts, append=len(values)))
        factors = _expectations(weights)
        for _ in range(self.most_updates):
            shown = values / (np.einsum("ij,ij->j", factors.T[:, of_row], words) + _TINY)
            before = weights
            weights = factors * np.add.reduceat(words * shown, starts, axis=1).T + self.prior
            settled[rows[moving]] = weights[moving]
            moving &= np.abs(before - weights).mean(axis=1) >= self.least_change
            left = np.count_nonzero(moving)
            if left == 0:
                break
            if left <= _FEW * len(rows):
                kept = moving[of_row]
                words, values = words[:, kept], values[kept]
                lengths = np.bincount(of_row[kept], minlength=len(rows))[moving]
                rows, weights, starts = rows[moving], weights[moving], np.cumsum(lengths) - lengths
                moving, of_row = np.ones(left, dtype=bool), np.repeat(np.arange(left), lengths)
            factors = _expectations(weights)
        return settled


def _expectations(weights: np.ndarray) -> np.ndarray:
    """Return exp(E[log(share)]) for Dirichlet weights along the last axis."""
    total = weights.sum(axis=-1, keepdims=True)
    found = digamma(np.concatenate((weights, total), axis=-1))
    return np.exp(found[..., :-1] - found[..., -1:])


def _plain_expectations(weights: list[float]) -> list[float]:
    """Return what _expectations does, of a few plain numbers."""
    total = plain_digamma(sum(weights))
    return [math.exp(plain_digamma(weight) - total) for weight in weights]


def plain_digamma(x: float) -> float:
    """Return what digamma does, of one number."""
    if x <= _SMALL:
        return -_EULER - 1.0 / x
    result = 0.0
    while x < _LEAST:
        result -= 1.0 / x
        x += 1.0
    r = 1.0 / x
    result += math.log(x) - 0.5 * r
    r *= r
    return result - r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)))


def digamma(x: np.ndarray) -> np.ndarray:
    """Return the digamma function of numbers above 0, by scikit-learn's own formula.

    It shifts a number to 6 or more and takes four terms of the series there (Bernardo, algorithm
    AS 103), which is off by up to 2.5e-9; so are the shares that the trees were grown on.
    """
    steps = x + _SHIFTS.reshape(-1, *(1 for _ in x.shape))
    short = steps < _LEAST
    result = -(short / steps).sum(axis=0)
    shifted = x + short.sum(axis=0)
    r = 1.0 / shifted
    result += np.log(shifted) - 0.5 * r
    r *= r
    result -= r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)))
    small = x <= _SMALL
    return np.where(small, -_EULER - 1.0 / x, result) if small.any() else result


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
