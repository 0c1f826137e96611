"""How far the probabilities of a classifier can be relied on."""

from typing import NamedTuple

import numpy as np

BINS = 15
TARGET = 0.95  # accuracy that answers should have


class Bin(NamedTuple):
    """The mean confidence and the accuracy of the examples of a bin, and their number."""

    confidence: float
    accuracy: float
    examples: int


class Answerable(NamedTuple):
    """The share of examples, the most confident first, that reach an accuracy.

    `threshold` is the confidence of the least confident one of them; 1 if the share is 0.
    """

    share: float
    threshold: float


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> list[Bin]:
    """Return the bins of equal width that have examples.

    `confidence` is the probability of the predicted label of each example (n, 0 to 1), and `right`
    whether it is the true one. Source: Guo et al. (2017), "On Calibration of Modern Neural
    Networks".
    """
    numbers = np.minimum((confidence * bins).astype(int), bins - 1)
    counts, sums, hits = (
        np.bincount(numbers, weights, bins) for weights in (None, confidence, right)
    )
    return [
        Bin(float(sums[one] / counts[one]), float(hits[one] / counts[one]), int(counts[one]))
        for one in np.flatnonzero(counts)
    ]


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Return the expected calibration error (0 to 1).

    It is the mean difference between confidence and accuracy over the bins, weighted by examples.
    """
    bins = reliability(confidence, right)
    distances = (abs(one.confidence - one.accuracy) * one.examples for one in bins)
    return sum(distances) / len(right)


def accuracy_by_share(
    confidence: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shares of the examples, the most confident first, their accuracies, and thresholds.

    Examples with equal confidence are in the same share, because no threshold separates them.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    last = np.append(np.flatnonzero(np.diff(sorted_confidence)), len(order) - 1)
    counts = np.arange(1, len(order) + 1)
    accuracies = np.cumsum(right[order]) / counts
    return counts[last] / len(order), accuracies[last], sorted_confidence[last]


def answerable(confidence: np.ndarray, right: np.ndarray, accuracy: float) -> Answerable:
    """Return the largest share of the examples that can be answered with at least an accuracy."""
    shares, accuracies, thresholds = accuracy_by_share(confidence, right)
    reached = np.flatnonzero(accuracies >= accuracy)
    if not len(reached):
        return Answerable(0.0, 1.0)
    return Answerable(float(shares[reached[-1]]), float(thresholds[reached[-1]]))
