"""Confidence intervals of metrics by the bootstrap, and McNemar's test of two classifiers."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import binomtest

RESAMPLES, LEVEL = 1000, 0.95
_BLOCK = 50  # resamples that are in memory at once
_SEED = 0


class Interval(NamedTuple):
    """The bounds of a confidence interval."""

    low: float
    high: float


class Changes(NamedTuple):
    """The rows that only one of two classifiers gets right, and the probability of such a split.

    `p_value` is that of McNemar's exact test: how likely a split at least as uneven is if both
    classifiers are equally good.
    """

    only_first: np.ndarray
    only_second: np.ndarray
    p_value: float


def bootstrap_intervals(confusion: np.ndarray, resamples: int = RESAMPLES) -> dict[str, Interval]:
    """Return the 95% percentile interval of each metric over resamples of the examples.

    `confusion` has their number by true and predicted label (k, k). A resample is a multinomial
    sample of its cells. Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap",
    chapter 13.
    """
    true, guess = np.nonzero(confusion)
    counts = confusion[true, guess]
    total, random = int(counts.sum()), np.random.default_rng(_SEED)
    blocks = []
    for start in range(0, resamples, _BLOCK):
        draws = random.multinomial(total, counts / total, min(_BLOCK, resamples - start))
        blocks.append(_metrics(draws, true, guess, len(confusion)))
    tail = (1 - LEVEL) / 2
    values = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return {
        name: Interval(*np.quantile(value, (tail, 1 - tail)).tolist())
        for name, value in values.items()
    }


def _metrics(
    draws: np.ndarray, true: np.ndarray, guess: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    """Return the metrics of each resample, as `classification_metrics` defines them."""

    def by_class(numbers: np.ndarray, kept: np.ndarray) -> np.ndarray:
        places = np.arange(len(numbers))[kept]
        shape = (len(numbers), classes)
        sums = csr_array((np.ones(len(places)), (places, numbers[kept])), shape=shape)
        return np.asarray(draws @ sums)

    everything = np.ones(len(true), bool)
    hits, support, guesses = (
        by_class(true, true == guess),
        by_class(true, everything),
        by_class(guess, everything),
    )
    present = (support + guesses) > 0  # a class without examples has no part in the mean
    precision, recall = hits / np.maximum(guesses, 1), hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(support + guesses, 1)
    size = draws.sum(axis=1)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(values.sum(axis=1) / present.sum(axis=1))

    return {
        "accuracy": hits.sum(axis=1) / size,
        "macro_f1": mean(f1),
        "macro_precision": mean(precision),
        "macro_recall": mean(recall),
        "weighted_f1": (f1 * support).sum(axis=1) / size,
    }


def changed_sides(first: np.ndarray, second: np.ndarray) -> Changes:
    """Compare two classifiers by whether they get the same n examples right (bool, n each).

    Source: McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages"; the exact binomial form.
    """
    only_first, only_second = np.flatnonzero(first & ~second), np.flatnonzero(second & ~first)
    split = len(only_first) + len(only_second)
    p_value = binomtest(len(only_first), split, 0.5).pvalue if split else 1.0
    return Changes(only_first, only_second, float(p_value))
