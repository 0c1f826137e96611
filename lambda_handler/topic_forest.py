"""Models of the kind "topic-forest": counts of words, their topics, and a forest of trees.

The shares of topics are the E-step of scikit-learn's LatentDirichletAllocation. All texts of a
group are updated together, and each stops on its own, as in scikit-learn. Order and formulas of all
operations, including digamma, are those of scikit-learn, so that the shares agree to the last
digits; otherwise some would fall on the other side of a tree's threshold.

The forest is flat arrays, traversed by all texts and trees at once. Node n leads to children[n] if
the text's feature is at most the threshold, and to the node after that one otherwise. A leaf has
the threshold infinity and is its own child.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lambda_handler.npz import Members

_WORD = re.compile(r"(?u)\b\w\w+\b")
_EULER = 0.577215664901532860606512090082402431
_TINY = 2.0**-52  # scikit-learn adds it to avoid dividing by 0
_SERIES, _SMALL = 6.0, 1e-6  # digamma is a series from the first, and -1/x up to the second
_SHIFTS = np.arange(_SERIES)
_COMPACT = 0.75  # share of active texts at which the others are removed
_FEW_TOPICS = 8  # up to this number, Python floats are faster than arrays
_BATCH = 8192  # distinct words per group of texts, to bound its memory
_VOTES = 65_536  # texts times trees per traversal, to bound its memory


@dataclass(frozen=True)
class Group:
    """Texts with known items: their row numbers, and the start of each in columns and values."""

    rows: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Counts:
    """Sparse counts of shape (rows, columns); `ends[i]` is the end of text i in the others."""

    columns: np.ndarray
    values: np.ndarray
    ends: np.ndarray

    @property
    def rows(self) -> int:
        """The number of texts."""
        return len(self.ends)

    def groups(self, limit: int) -> Iterator[Group]:
        """Yield all texts that are not empty in groups of one text or of at most `limit` items."""
        starts = np.concatenate(([0], self.ends[:-1]))
        rows = np.flatnonzero(self.ends > starts)
        first = 0
        while first < len(rows):
            start = starts[rows[first]]
            last = max(first + 1, int(np.searchsorted(self.ends[rows], start + limit, "right")))
            members, end = rows[first:last], self.ends[rows[last - 1]]
            yield Group(
                members, starts[members] - start, self.columns[start:end], self.values[start:end]
            )
            first = last


def count_items(texts: Sequence[Sequence[int]]) -> Counts:
    """Return the counts of the items of n texts."""
    columns: list[int] = []
    values: list[int] = []
    ends = []
    for items in texts:
        counts: dict[int, int] = {}
        for item in items:
            counts[item] = counts.get(item, 0) + 1
        columns.extend(counts)
        values.extend(counts.values())
        ends.append(len(columns))
    return Counts(
        np.array(columns, np.int64), np.array(values, np.float64), np.array(ends, np.int64)
    )


@dataclass(frozen=True)
class Forms:
    """The column of every word whose lemma is in the vocabulary; other words are ignored."""

    columns: dict[str, int]

    def count(self, texts: Sequence[str]) -> Counts:
        """Count the lemmas of texts."""
        columns = self.columns
        return count_items(
            [
                [columns[word] for word in _WORD.findall(text.lower()) if word in columns]
                for text in texts
            ]
        )


def load_forms(arrays: Members) -> Forms:
    """Return the forms of a model file; raise KeyError for an array that it lacks."""
    forms, columns = arrays["forms"], arrays["form_columns"].tolist()
    return Forms(dict(zip(forms.tobytes().decode().split("\n"), columns, strict=True)))


@dataclass(frozen=True)
class Topics:
    """Word weights of shape (n words, n topics), and when the updates stop."""

    words: np.ndarray
    prior: float
    max_updates: int
    tolerance: float

    def shares(self, counts: Counts) -> np.ndarray:
        """Return the shares of topics in n texts, of shape (n, n topics)."""
        # scikit-learn leaves texts without known words at the prior.
        weights = np.full((counts.rows, self.words.shape[1]), self.prior)
        for group in counts.groups(_BATCH):
            words = self.words[group.columns].astype(np.float64)
            if len(group.rows) == 1:
                one = self._fit_few if words.shape[1] <= _FEW_TOPICS else self._fit_one
                weights[group.rows[0]] = one(words, group.values)
            else:
                weights[group.rows] = self._fit(words, group.values, group.starts)
        return weights / weights.sum(axis=1)[:, np.newaxis]

    def _fit_few(self, words: np.ndarray, values: np.ndarray) -> list[float]:
        """Return the same as _fit_one, computed with Python floats to avoid calls of numpy."""
        weights = [1.0] * words.shape[1]
        factors = _plain_expectations(weights)
        for _ in range(self.max_updates):
            before = weights
            sums = ((values / (words @ np.array(factors) + _TINY)) @ words).tolist()
            weights = [
                factor * value + self.prior for factor, value in zip(factors, sums, strict=True)
            ]
            changes = [abs(old - new) for old, new in zip(before, weights, strict=True)]
            if sum(changes) / len(changes) < self.tolerance:
                break
            factors = _plain_expectations(weights)
        return weights

    def _fit_one(self, words: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the weights of topics in one text; `words` has the weights of its words.

        A call with one text takes two thirds of the time that it takes with `_fit`.
        """
        weights = np.ones(words.shape[1])
        factors = _expectations(weights)
        for _ in range(self.max_updates):
            before = weights
            weights = factors * ((values / (words @ factors + _TINY)) @ words) + self.prior
            if np.abs(before - weights).mean() < self.tolerance:
                break
            factors = _expectations(weights)
        return weights

    def _fit(self, words: np.ndarray, values: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Return the weights of topics in several texts, which begin at `starts`.

        Texts that have converged keep their weights, and are removed once they are a quarter of
        all, since reactive them copies the others.
        """
        converged = np.ones((len(starts), words.shape[1]))
        rows, weights, words = np.arange(len(starts)), converged.copy(), words.T.copy()
        active = np.ones(len(rows), dtype=bool)
        row_of = np.repeat(rows, np.diff(starts, append=len(values)))
        factors = _expectations(weights)
        for _ in range(self.max_updates):
            scaled = values / (np.einsum("ij,ij->j", factors.T[:, row_of], words) + _TINY)
            before = weights
            weights = factors * np.add.reduceat(words * scaled, starts, axis=1).T + self.prior
            converged[rows[active]] = weights[active]
            active &= np.abs(before - weights).mean(axis=1) >= self.tolerance
            remaining = np.count_nonzero(active)
            if remaining == 0:
                break
            if remaining <= _COMPACT * len(rows):
                mask = active[row_of]
                words, values = words[:, mask], values[mask]
                lengths = np.bincount(row_of[mask], minlength=len(rows))[active]
                rows, weights, starts = rows[active], weights[active], np.cumsum(lengths) - lengths
                active = np.ones(remaining, dtype=bool)
                row_of = np.repeat(np.arange(remaining), lengths)
            factors = _expectations(weights)
        return converged


def _expectations(weights: np.ndarray) -> np.ndarray:
    """Return exp(E[log(share)]) for Dirichlet weights along the last axis."""
    total = weights.sum(axis=-1, keepdims=True)
    values = digamma(np.concatenate((weights, total), axis=-1))
    return np.exp(values[..., :-1] - values[..., -1:])


def _plain_expectations(weights: list[float]) -> list[float]:
    """Return the same as _expectations for a list of numbers."""
    total = plain_digamma(sum(weights))
    return [math.exp(plain_digamma(weight) - total) for weight in weights]


def plain_digamma(x: float) -> float:
    """Return the same as digamma for one number."""
    if x <= _SMALL:
        return -_EULER - 1.0 / x
    result = 0.0
    while x < _SERIES:
        result -= 1.0 / x
        x += 1.0
    r = 1.0 / x
    result += math.log(x) - 0.5 * r
    r *= r
    return result - r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)))


def digamma(x: np.ndarray) -> np.ndarray:
    """Return the digamma function of positive numbers by scikit-learn's formula.

    It shifts a number to at least 6 and uses four terms of the series there (Bernardo, algorithm AS
    103). Its error is up to 2.5e-9, as in the shares that the trees were trained on.
    """
    steps = x + _SHIFTS.reshape(-1, *(1 for _ in x.shape))
    short = steps < _SERIES
    result = -(short / steps).sum(axis=0)
    shifted = x + short.sum(axis=0)
    r = 1.0 / shifted
    result += np.log(shifted) - 0.5 * r
    r *= r
    result -= r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)))
    small = x <= _SMALL
    return np.where(small, -_EULER - 1.0 / x, result) if small.any() else result


def load_topics(manifest: dict[str, Any], arrays: Members) -> Topics:
    """Return the topics of a model file; raise KeyError for what it lacks."""
    return Topics(
        words=arrays["word_topics"],
        prior=manifest["doc_topic_prior"],
        max_updates=manifest["most_updates"],
        tolerance=manifest["least_change"],
    )


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees, and the votes of each leaf as probabilities of shape (leaves, labels)."""

    roots: np.ndarray
    features: np.ndarray
    thresholds: np.ndarray
    children: np.ndarray
    leaves: np.ndarray
    votes: np.ndarray

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return the mean vote of the trees on n rows of features, of shape (n, n labels)."""
        rows = rows.astype(np.float32)  # the type of scikit-learn's trees
        step = max(1, _VOTES // len(self.roots))
        return np.concatenate([self._vote(rows[i : i + step]) for i in range(0, len(rows), step)])

    def _vote(self, rows: np.ndarray) -> np.ndarray:
        nodes = np.repeat(self.roots[:, np.newaxis], len(rows), axis=1)
        columns = np.arange(len(rows))
        while True:  # it ends, since each node but a leaf leads to later ones
            right = rows[columns, self.features[nodes]] > self.thresholds[nodes]
            after = self.children[nodes] + right
            if (after == nodes).all():
                return self.votes[self.leaves[nodes]].sum(axis=0) / len(self.roots)
            nodes = after


def load_forest(arrays: Members) -> Forest:
    """Return the forest of a model file; raise KeyError for an array that it lacks."""
    thresholds, counts = arrays["thresholds"], arrays["leaf_counts"].astype(np.float64)
    ends = thresholds == np.inf
    return Forest(
        roots=arrays["roots"].astype(np.intp),
        features=arrays["features"].astype(np.intp),
        thresholds=thresholds,
        children=arrays["children"].astype(np.intp),
        leaves=np.cumsum(ends) - ends,
        votes=counts / counts.sum(axis=1, keepdims=True),
    )
