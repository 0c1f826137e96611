"""The metrics of a classifier, as training prints them, their intervals, and its curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.metrics import (
    accuracy_score,
    auc,
    confusion_matrix,
    confusion_matrix_at_thresholds,
    precision_recall_fscore_support,
)

RESAMPLES, LEVEL = 1000, 0.95
_BLOCK = 50  # resamples that are in memory at once
_SEED = 0
_POINTS = 300  # of a curve at most
Integers = Sequence[int] | np.ndarray


@dataclass(frozen=True)
class Curve:
    """The points (x, y) of a curve, and its area (0 to 1)."""

    x: np.ndarray
    y: np.ndarray
    area: float


@dataclass(frozen=True)
class Ranking:
    """The curves of one class against the rest.

    `roc` has the true by the false positive rate, and `precision` the precision by the recall; its
    area is the average precision.
    """

    roc: Curve
    precision: Curve


def rank_classes(labels: np.ndarray, probabilities: np.ndarray) -> dict[int, Ranking]:
    """Return the curves of the classes that some, but not all, of the n examples have.

    `labels` (n) are the true ones, and `probabilities` (n, k) are all finite.
    """
    return {
        number: _rank(labels == number, probabilities[:, number])
        for number, count in enumerate(np.bincount(labels).tolist())
        if 0 < count < len(labels)
    }


def _rank(positive: np.ndarray, probabilities: np.ndarray) -> Ranking:
    """Return both curves from one sorting of the examples."""
    _, wrong, _, right, _ = confusion_matrix_at_thresholds(positive, probabilities)
    recall, precision = right / right[-1], right / (right + wrong)
    false_rate, true_rate = (np.append(0, hits / hits[-1]) for hits in (wrong, right))
    average = float(np.sum(np.diff(recall, prepend=0) * precision))
    return Ranking(
        Curve(*_thinned(false_rate, true_rate), float(auc(false_rate, true_rate))),
        Curve(*_thinned(np.append(0, recall), np.append(1, precision)), average),
    )


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at most 300 points of a curve, its ends among them, and more at its beginning.

    What a model is most certain of is the beginning, and fills most of a logarithmic axis.
    """
    ends, half = (1, len(x)), _POINTS // 2
    places = np.concatenate([np.geomspace(*ends, half), np.linspace(*ends, half)])
    shown = np.unique(places.round().astype(int)) - 1
    return x[shown], y[shown]


@dataclass(frozen=True)
class Scores:
    """True and predicted labels (n) and probabilities (n, k) of n test examples.

    `inputs` is the kind of the examples: texts or images. If they are a sample of the test channel,
    `rows` are their numbers in it, from 0, and `all_pairs` is the confusion matrix of all its rows.
    """

    labels: Sequence[int]
    predicted: Sequence[int]
    probabilities: np.ndarray
    label_names: tuple[str, ...]
    inputs: str = "texts"
    rows: Sequence[int] = ()
    all_pairs: np.ndarray | None = None

    def confusion(self) -> np.ndarray:
        """Return the number of rows of the test channel by true and predicted label (k, k)."""
        if self.all_pairs is not None:
            return self.all_pairs
        numbers = range(len(self.label_names))
        return np.asarray(confusion_matrix(self.labels, self.predicted, labels=numbers))

    @property
    def valid(self) -> np.ndarray:
        """Whether the probabilities of each test example are numbers: bool (n)."""
        return np.asarray(np.isfinite(self.probabilities).all(axis=1))

    @property
    def confidence(self) -> np.ndarray:
        """The probability of each predicted label (n).

        It may not be the largest one, because predict() may choose a label by something else.
        """
        return np.asarray(self.probabilities[np.arange(len(self.predicted)), self.predicted])

    @property
    def right(self) -> np.ndarray:
        """Whether each predicted label is the true one: bool (n)."""
        return np.equal(self.labels, self.predicted)

    @cached_property
    def rankings(self) -> dict[int, Ranking]:
        """The curves of each class against the rest, over the valid examples, by label."""
        valid = self.valid
        return rank_classes(np.asarray(self.labels, int)[valid], self.probabilities[valid])


def classification_metrics(
    labels: Integers, predicted: Integers, counts: Integers | None = None
) -> dict[str, float]:
    """Return accuracy and the macro and weighted averages of precision, recall, and F1 (0 to 1).

    The precision of a class that was never predicted is 0. `counts` has the number of examples per
    pair of labels (by default 1).
    """
    metrics = {"accuracy": float(accuracy_score(labels, predicted, sample_weight=counts))}
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, predicted, average=average, sample_weight=counts, zero_division=0
        )
        metrics |= {
            f"{average}_precision": float(precision),
            f"{average}_recall": float(recall),
            f"{average}_f1": float(f1),
        }
    return metrics


def metrics_of_pairs(confusion: np.ndarray) -> dict[str, float]:
    """Return the metrics of a confusion matrix (k, k), whose rows are true labels."""
    true, guesses = np.nonzero(confusion)
    return classification_metrics(true, guesses, confusion[true, guesses])


class Interval(NamedTuple):
    """The bounds of a confidence interval."""

    low: float
    high: float


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
