"""Linear classifiers that vote with their probabilities, folded into one matrix of weights."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from newsgroup_classifier.estimators.counted_rows import CountedRows
from newsgroup_classifier.estimators.linear_sum import linear_parts


class LinearVote(ClassifierMixin, CountedRows):
    """The mean of the probabilities of linear classifiers, each a softmax of scores.

    `voters` are pairs of an unfitted classifier and the factor of its scores. The fitted weights
    are rounded to half precision, so that metrics are those of the small exported file.
    """

    def __init__(self, voters: Any) -> None:
        self.voters = voters

    def fit(self, X: Any, y: Any) -> "LinearVote":
        """Fit every voter on the same rows, and store only the weights."""
        rows, labels = validate_data(self, X, y, accept_sparse="csr")
        check_classification_targets(labels)
        check_non_negative(rows, type(self).__name__)
        self.classes_ = np.unique(labels)
        weights, intercepts = [], []
        for voter, factor in self.voters:
            fitted = clone(voter).fit(rows, labels)
            coefficients, intercept = linear_parts(fitted, len(self.classes_))
            # A softmax ignores what all labels share; without it, less is lost to rounding.
            weights.append(factor * (coefficients - coefficients.mean(axis=0)))
            intercepts.append(factor * (intercept - intercept.mean()))
        self.intercepts_ = np.stack(intercepts)
        rounded = np.concatenate(weights).astype(np.float16).astype(np.float64)
        self.weights_ = np.ascontiguousarray(rounded.T)
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each label for each row."""
        check_is_fitted(self)
        rows = validate_data(self, X, accept_sparse="csr", reset=False)
        products = rows @ self.weights_
        scores = (products.toarray() if issparse(products) else products).reshape(
            -1, *self.intercepts_.shape
        ) + self.intercepts_
        odds = np.exp(scores - scores.max(axis=2, keepdims=True))
        return (odds / odds.sum(axis=2, keepdims=True)).mean(axis=1)

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]
