"""How well probabilities rank the examples of a class before all others: curves and their areas."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import auc, confusion_matrix_at_thresholds

_POINTS = 300  # of a curve at most


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
