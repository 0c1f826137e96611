"""What serving needs and a classifier may lack: probabilities, and labels with numbers from 0."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_features

from newsgroup_classifier.estimators.linear_text.members import Fold, group_folds
from newsgroup_classifier.estimators.linear_text.voting import sharpness_of


class DecisionProbabilities(ClassifierMixin, BaseEstimator):
    """The softmax of a classifier's decision values, divided by a temperature.

    The temperature is the one with the least log loss on rows that the classifier was not fitted
    on: each row is held out once, with its group if there are groups (Guo et al., "On Calibration
    of Modern Neural Networks", ICML 2017). The classifier is then fitted on all rows. It never
    changes the most probable label.
    scikit-learn's CalibratedClassifierCV does the same, but refuses labels with few rows.
    """

    def __init__(self, estimator: Any, folds: int = 3) -> None:
        self.estimator = estimator
        self.folds = folds

    @classmethod
    def of_fitted(cls, estimator: Any) -> Self:
        """Return the probabilities of a fitted classifier, with a temperature of 1."""
        fitted = cls(estimator)
        fitted.estimator_, fitted.classes_, fitted.temperature_ = estimator, estimator.classes_, 1.0
        if hasattr(estimator, "n_features_in_"):
            fitted.n_features_in_ = estimator.n_features_in_
        return fitted

    def fit(self, X: Any, y: Any, groups: Sequence[str] | None = None) -> Self:
        """Fit the temperature on held-out rows of X (n, m), and the classifier on all rows.

        A fold without whose rows a label is missing is not held out.
        """
        classes, labels = np.unique(y, return_inverse=True)
        values, targets = [], []
        for train, test in _folds(labels, self.folds, groups):
            if len(test) and len(np.unique(labels[train])) == len(classes):
                fitted = clone(self.estimator).fit(_safe_indexing(X, train), np.asarray(y)[train])
                decisions = _decisions(fitted, _safe_indexing(X, test))
                values.append(decisions[:, np.argsort(fitted.classes_)])
                targets.append(labels[test])
        self.temperature_ = 1.0
        if values:
            self.temperature_ /= sharpness_of(np.concatenate(values), np.concatenate(targets))
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = np.asarray(self.estimator_.classes_)  # a user's may not be sorted
        self.n_features_in_ = _num_features(X)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each label for each row."""
        return softmax(_decisions(self.estimator_, X) / self.temperature_, axis=1)

    def predict(self, X: Any) -> Any:
        """Return the label that the classifier predicts for each row."""
        return self.estimator_.predict(X)


class NumberedLabels(ClassifierMixin, BaseEstimator):
    """A fitted classifier with the numbers 0, 1, ... in place of its classes."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.classes_ = np.arange(len(estimator.classes_))
        self.n_features_in_ = estimator.n_features_in_

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each label for each row."""
        return self.estimator.predict_proba(X)

    def predict(self, X: Any) -> Any:
        """Return the number of the predicted class for each row."""
        classes, predicted = map(np.asarray, (self.estimator.classes_, self.estimator.predict(X)))
        numbers = {label: number for number, label in enumerate(classes.tolist())}
        return np.array([numbers[label] for label in predicted.ravel().tolist()])


def _folds(labels: np.ndarray, folds: int, groups: Sequence[str] | None) -> list[Fold]:
    """Return the folds: of whole groups, or with each row but the only one of a label."""
    if groups is not None:
        return group_folds(labels, folds, groups)
    rng, held_out = np.random.default_rng(0), np.full(len(labels), -1)
    for label in range(labels.max() + 1):
        rows = rng.permutation(np.flatnonzero(labels == label))
        if len(rows) > 1:
            held_out[rows] = np.arange(len(rows)) % folds
    return [(np.flatnonzero(held_out != n), np.flatnonzero(held_out == n)) for n in range(folds)]


def _decisions(classifier: Any, X: Any) -> np.ndarray:
    """Return a decision value for each row and label; the first of two labels has 0."""
    values = np.asarray(classifier.decision_function(X), dtype=float)
    if values.ndim == 1:
        values = np.column_stack([np.zeros(len(values)), values])
    if values.shape[1] != len(classifier.classes_):
        raise ValueError(
            f"decision_function of {type(classifier).__name__} returns {values.shape[1]} values "
            f"per row; expected one for each of {len(classifier.classes_)} labels, as with "
            'decision_function_shape="ovr"'
        )
    return values
