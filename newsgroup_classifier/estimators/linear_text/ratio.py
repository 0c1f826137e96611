"""One logistic regression per class on features weighted by their naive Bayes log ratios."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from newsgroup_classifier.estimators.linear_sum import linear_parts
from newsgroup_classifier.estimators.linear_text.members import Fold, Linear
from newsgroup_classifier.estimators.linear_vote import RatioLogistic


@dataclass(frozen=True)
class NaiveBayesRatio:
    """RatioLogistic as a member; `C` is its inverse regularization."""

    C: float

    def start(self, rows: csr_matrix, labels: np.ndarray, classes: int) -> "RatioFits":
        """Return the fits on labeled rows."""
        return RatioFits(self.C, rows, labels, classes)


class RatioFits:
    """The fits on all rows and on parts of them."""

    def __init__(self, C: float, rows: csr_matrix, labels: np.ndarray, classes: int) -> None:
        self._C, self._rows, self._labels, self._classes = C, rows, labels, classes

    def out_of_fold(self, folds: Sequence[Fold]) -> np.ndarray:
        """Return the scores (n, k) of each row by the fit on the other folds."""
        scores = np.empty((len(self._labels), self._classes), np.float32)
        for fit, held in folds:
            weights, intercepts = self._linear(self._rows[fit], self._labels[fit])
            scores[held] = self._rows[held] @ weights + intercepts
        return scores

    def fit(self) -> Linear:
        """Return the weights and intercepts of the fit on all rows."""
        return self._linear(self._rows, self._labels)

    def _linear(self, rows: csr_matrix, labels: np.ndarray) -> Linear:
        """Return the weights; a class without rows has a score below the lowest intercept."""
        present = np.unique(labels)
        weights = np.zeros((rows.shape[1], self._classes), np.float32)
        intercepts = np.full(self._classes, -1.0)
        intercepts[present] = 0
        if len(present) > 1:
            model = RatioLogistic(C=self._C).fit(rows, labels)
            own, starts = linear_parts(model, len(present))
            weights[:, present], intercepts[present] = own.T, starts
            intercepts[np.setdiff1d(np.arange(self._classes), present)] = starts.min() - 1
        return weights, intercepts
