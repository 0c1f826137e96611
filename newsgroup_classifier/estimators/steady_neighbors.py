"""Nearest neighbors that do not depend on the other rows of the same call."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_chunked
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

_DECIMALS = 6  # of a distance: further digits depend on the other rows and on the machine
_MEGABYTES = 64  # of distances in memory at once


class SteadyNeighbors(KNeighborsClassifier):
    """scikit-learn's neighbors by Euclidean distance, with a fixed order for equal distances.

    The last digits of a distance depend on how many rows are compared at once. For rows at equal
    distances, such as all rows of length 1 from a text without a known word, these digits would
    decide the neighbors and the label. So distances are rounded, and of rows at equal distances,
    the one that was fitted first is nearer.
    """

    def __init__(self, n_neighbors: int = 5, *, weights: Any = "uniform") -> None:
        super().__init__(n_neighbors, weights=weights, algorithm="brute")

    def fit(self, X: Any, y: Any) -> "SteadyNeighbors":
        """Store the rows; raise ValueError if there are fewer than n_neighbors."""
        super().fit(X, None if y is None else column_or_1d(y, warn=True))
        if self.n_neighbors > self.n_samples_fit_:
            raise ValueError(f"n_neighbors={self.n_neighbors} of n_samples={self.n_samples_fit_}")
        return self

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """Return the distances and numbers of the nearest rows (n, k), or only the numbers."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64)
        count = self.n_neighbors if n_neighbors is None else n_neighbors
        parts = pairwise_distances_chunked(
            rows,
            self._fit_X,
            reduce_func=lambda distances, _: _nearest(distances, count),
            working_memory=_MEGABYTES,
        )
        distances, numbers = (np.concatenate(part) for part in zip(*parts, strict=True))
        return (distances, numbers) if return_distance else numbers

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each label for each row: its share of the votes."""
        distances, numbers = self.kneighbors(X)
        votes = np.zeros((len(numbers), len(self.classes_)))
        row = np.arange(len(numbers))[:, np.newaxis]
        np.add.at(votes, (row, self._y[numbers]), self._weights(distances))
        return votes / votes.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """Return the label with the most votes for each row, or the first of several."""
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]

    def __sklearn_tags__(self) -> Any:
        """Return tags that rule out multi-output labels."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        tags.classifier_tags.multi_label = False
        return tags

    def _weights(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.weights == "uniform":
            return np.ones_like(distances)
        equal = distances == 0
        inverse = 1 / np.where(equal, 1, distances)
        return np.where(equal.any(axis=1, keepdims=True), equal, inverse)


def _nearest(
    distances: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the `count` smallest distances of each row, rounded, and the numbers of their rows."""
    rounded = distances.round(_DECIMALS)
    farthest = np.partition(rounded, count - 1, axis=1)[:, count - 1]
    numbers = np.empty((len(rounded), count), np.intp)
    for place, row in enumerate(rounded):
        within = np.flatnonzero(row <= farthest[place])
        numbers[place] = within[np.argsort(row[within], kind="stable")[:count]]
    return np.take_along_axis(rounded, numbers, axis=1), numbers
