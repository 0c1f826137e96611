"""Fold the members of a vote into one matrix of weights, and prune it to a size."""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from newsgroup_classifier.estimators.linear_text.features import Features, keep_features
from newsgroup_classifier.estimators.linear_text.members import Linear, Mix
from newsgroup_classifier.hashed_text.model import HashedLinear, fold

_FEATURE_BYTES = 8 + 4 + 4  # of a key, a frequency, and a scale; a weight has one byte
_OVERHEAD = 65_536  # bytes of a model file that do not depend on the number of features
_TRIES, _CAUTION = 3, 0.98


class Folding:
    """The weights of each block (p, k) and the intercepts (k) of a weighted sum of members."""

    def __init__(self, features: Features, classes: int) -> None:
        self._features = features
        self._weights = {
            name: np.zeros((rows.shape[1], classes), np.float32)
            for name, rows in features.rows.items()
        }
        self._intercepts = np.zeros(classes)

    def add(self, linear: Linear, mix: Mix, factor: float) -> None:
        """Add the centered scores of a member that was fitted on a mix of blocks, times a factor.

        A softmax ignores what all classes share; without it, less is lost to rounding.
        """
        weights, intercepts = linear
        first = 0
        for name, share in mix.items():
            own = weights[first : first + len(self._weights[name])]
            means = own.mean(axis=1, keepdims=True)
            self._weights[name] += np.float32(factor * share) * (own - means)
            first += len(own)
        self._intercepts += factor * (intercepts - intercepts.mean())

    def pruned(self, max_mb: float) -> HashedLinear:
        """Return the model of the features that matter most, in a file of at most `max_mb` MB."""
        limit = int(max_mb * 1e6) - _OVERHEAD
        importance = {name: self._importance(name) for name in self._weights}
        smaller = self._keep(importance, limit // (_FEATURE_BYTES + len(self._intercepts)))
        larger = smaller
        if not len(smaller.scales):  # no feature matters, as when all texts have all labels
            return smaller
        for _ in range(_TRIES):  # the weights compress, which leaves room for more features
            share = _CAUTION * limit / file_bytes(larger)
            larger = self._keep(importance, int(share * len(larger.scales)))
            if file_bytes(larger) <= limit:
                return larger
        return smaller

    @property
    def needed_mb(self) -> float:
        """The size of a file with all features, whose weights do not compress."""
        features = sum(map(len, self._weights.values()))
        return (features * (_FEATURE_BYTES + len(self._intercepts)) + _OVERHEAD) / 1e6

    def labels(self, numbers: np.ndarray) -> np.ndarray:
        """Return the labels of some of the rows by all features."""
        blocks = self._features.rows.items()
        scores: Any = sum(rows[numbers] @ self._weights[name] for name, rows in blocks)
        best: np.ndarray = (scores + self._intercepts).argmax(axis=1)
        return best

    def _keep(self, importance: Mapping[str, np.ndarray], count: int) -> HashedLinear:
        kept = _most_important(np.concatenate(list(importance.values())), max(1, count))
        vocabularies, weights, first = [], [], 0
        for name, vocabulary in self._features.vocabularies.items():
            last = first + len(importance[name])
            places = np.flatnonzero(kept[first:last])
            vocabularies.append(keep_features(vocabulary, places))
            weights.append(self._weights[name][places])
            first = last
        return fold(vocabularies, np.concatenate(weights), self._intercepts)

    def _importance(self, name: str) -> np.ndarray:
        """Return how much each feature moves the scores of the rows.

        This is the standard deviation of its weights times the root mean square of its values.
        """
        rows = self._features.rows[name]
        squares = np.bincount(rows.indices, rows.data**2, rows.shape[1]) / rows.shape[0]
        return self._weights[name].std(axis=1) * np.sqrt(squares)


def file_bytes(model: HashedLinear) -> int:
    """Return how many bytes the features of a model have in a file, in which weights compress."""
    features, classes = model.weights.shape
    weights = min(features * classes, len(zlib.compress(model.weights.tobytes(), 1)))
    return features * _FEATURE_BYTES + weights


def _most_important(importance: np.ndarray, most: int) -> np.ndarray:
    """Return whether to keep each feature: at most `most` of those with an importance."""
    matters = importance >= np.finfo(np.float32).tiny
    if most >= len(importance):
        return matters
    cut = np.partition(importance, len(importance) - most - 1)[len(importance) - most - 1]
    # Features as important as the first one to drop are dropped, too, unless many are.
    kept = matters & (importance > cut)
    if 2 * kept.sum() < most:
        kept = np.zeros(len(importance), bool)
        kept[np.argsort(-importance, kind="stable")[:most]] = True
        kept &= matters
    return np.asarray(kept)
