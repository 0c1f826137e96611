"""The vote: temperatures of members, and a greedy selection of those that vote.

Temperatures as in Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017); the selection
with replacement as in Caruana et al., "Ensemble Selection from Libraries of Models" (ICML 2004).
Everything is chosen on the scores of rows that a fit has not seen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

_MOST_VOTES = 6
_LOSS_WEIGHT = 0.02  # of the log loss, compared with the accuracy
_LEAST_GAIN = 0.0002
_LOG_SHARPNESS = (-7.0, 7.0)  # where a temperature is searched


def center(scores: np.ndarray) -> np.ndarray:
    """Return scores (n, k) less their mean over the classes, which a softmax ignores."""
    return scores - scores.mean(axis=1, keepdims=True)


def log_loss(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean negative log probability of the labels."""
    return -float(log_softmax(scores, axis=1)[np.arange(len(labels)), labels].mean())


def sharpness_of(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the factor of scores, one over their temperature, that minimizes the log loss."""
    found = minimize_scalar(
        lambda log: log_loss(np.exp(log) * scores, labels),
        bounds=_LOG_SHARPNESS,
        method="bounded",
        options={"xatol": 1e-3},
    )
    return float(np.exp(found.x))


def select_votes(scores: Sequence[np.ndarray], labels: np.ndarray) -> Mapping[int, int]:
    """Return the number of votes of each member that votes, by its place in `scores`.

    `scores` are those of the members (n, k), each at its temperature.
    """
    chosen: list[int] = []
    total, best = np.zeros_like(scores[0]), -np.inf
    while len(chosen) < _MOST_VOTES:
        values = [_value((total + each) / (len(chosen) + 1), labels) for each in scores]
        place = int(np.argmax(values))
        if values[place] < best + _LEAST_GAIN:
            break
        best = values[place]
        total = total + scores[place]
        chosen.append(place)
    return Counter(chosen)


def _value(scores: np.ndarray, labels: np.ndarray) -> float:
    accuracy = float((scores.argmax(axis=1) == labels).mean())
    return accuracy - _LOSS_WEIGHT * log_loss(scores, labels)
