"""The vote: temperatures of members, a greedy selection of those that vote, and one matrix.

Temperatures as in Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017); that of the
vote depends on the scores, as in Tomani et al., "Parameterized Temperature Scaling" (ECCV 2022).
The selection with replacement is that of Caruana et al., "Ensemble Selection from Libraries of
Models" (ICML 2004). Everything is chosen on the scores of rows that a fit has not seen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

from newsgroup_classifier.estimators.linear_text.features import Features
from newsgroup_classifier.estimators.linear_text.folding import Folding
from newsgroup_classifier.estimators.linear_text.members import Fits, Fold, one_hot
from newsgroup_classifier.estimators.linear_text.profiles import Candidate
from newsgroup_classifier.hashed_text.model import Sharpness

_MOST_VOTES = 6
_BLOCK = 2**20  # scores whose softmax is in memory at once
_LOSS_WEIGHT = 0.02  # of the log loss, compared with the accuracy
_LEAST_GAIN = 0.0002
_LOG_SHARPNESS = (-7.0, 7.0)  # where a temperature is searched
_BOUNDS = ((-3.0, 3.0), (-0.95, 0.95))  # of the logarithm of a factor, and of a power
_SURE = 1e-12  # how close to 0 and 1 a probability counts


def fit_vote(
    features: Features,
    candidates: Sequence[Candidate],
    labels: np.ndarray,
    classes: int,
    folds: Sequence[Fold],
) -> tuple[dict[Candidate, int], Folding, np.ndarray]:
    """Return the vote of the candidates that is best on rows that they were not fitted on.

    It has the number of votes of each member, the folded matrix, and out-of-fold scores (n, k).
    """
    rows = {str(each.mix): features.mixed(each.mix) for each in candidates}
    targets = one_hot(labels, classes)
    # Emojis alone have no words, for example.
    candidates = [each for each in candidates if rows[str(each.mix)].nnz]

    def compare(candidate: Candidate) -> tuple[Fits, float, np.ndarray]:
        """Return the fits of a candidate, its sharpness, and its sharpened out-of-fold scores."""
        fits = candidate.member.start(rows[str(candidate.mix)], targets)
        scores = center(fits.out_of_fold(folds))
        sharpness = sharpness_of(scores, labels)
        return fits, sharpness, sharpness * scores

    folding = Folding(features, classes)
    # numpy and scipy let other threads run while they compute.
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        fits, factors, scores = zip(*pool.map(compare, candidates), strict=True)
        votes = select_votes(scores, labels)
        total: Any = sum(count * scores[place] for place, count in votes.items())
        sharpness = sharpness_of(total, labels)
        members = pool.map(lambda place: fits[place].fit(), votes)
        for (place, count), member in zip(votes.items(), members, strict=True):
            folding.add(member, candidates[place].mix, sharpness * count * factors[place])
    return {candidates[place]: count for place, count in votes.items()}, folding, sharpness * total


def center(scores: np.ndarray) -> np.ndarray:
    """Return scores (n, k) less their mean over the classes, which a softmax ignores."""
    return scores - scores.mean(axis=1, keepdims=True)


def log_loss(scores: np.ndarray, labels: np.ndarray, factor: Any = 1.0) -> float:
    """Return the mean negative log probability of the labels for scores (n, k) times a factor."""
    rows = max(1, _BLOCK // scores.shape[1])
    own = np.arange(min(rows, len(labels)))
    logs = []
    for start in range(0, len(labels), rows):
        block = labels[start : start + rows]
        block_logs = log_softmax(factor * scores[start : start + rows], axis=1)
        logs.append(block_logs[own[: len(block)], block])
    return -float(np.concatenate(logs).mean())


def sharpness_of(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the factor of scores, one over their temperature, that minimizes the log loss."""
    minimum = minimize_scalar(
        lambda log: log_loss(scores, labels, np.exp(log)),
        bounds=_LOG_SHARPNESS,
        method="bounded",
        options={"xatol": 1e-3},
    )
    return float(np.exp(minimum.x))


def fit_sharpness(scores: np.ndarray, labels: np.ndarray) -> Sharpness:
    """Return how sure to be of the label with the largest of scores (n, k), so that it is right.

    This minimizes the log loss of whether that label is right. Few rows change little: the
    logarithm of the factor and the power count as drawn from a standard normal distribution.
    """
    right = scores.argmax(axis=1) == labels

    def loss(point: np.ndarray) -> float:
        peaks = Sharpness(np.exp(point[0]), point[1]).probabilities(scores).max(axis=1)
        peaks = np.clip(peaks, _SURE, 1 - _SURE)
        return -float(np.log(np.where(right, peaks, 1 - peaks)).sum()) + point @ point / 2

    minimum = minimize(loss, (0.0, 0.0), method="Nelder-Mead", bounds=_BOUNDS)
    return Sharpness(float(np.exp(minimum.x[0])), float(minimum.x[1]))


def select_votes(scores: Sequence[np.ndarray], labels: np.ndarray) -> Mapping[int, int]:
    """Return the number of votes of each member that votes, by its place in `scores`.

    `scores` are those of the members (n, k), each at its temperature.
    """
    voters: list[int] = []
    total, best = np.zeros_like(scores[0]), -np.inf
    while len(voters) < _MOST_VOTES:
        values = [_value((total + each) / (len(voters) + 1), labels) for each in scores]
        place = int(np.argmax(values))
        if values[place] < best + _LEAST_GAIN:
            break
        best = values[place]
        total = total + scores[place]
        voters.append(place)
    return Counter(voters)


def _value(scores: np.ndarray, labels: np.ndarray) -> float:
    accuracy = float((scores.argmax(axis=1) == labels).mean())
    return accuracy - _LOSS_WEIGHT * log_loss(scores, labels)
