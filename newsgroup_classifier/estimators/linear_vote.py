"""Linear classifiers that vote with their probabilities, folded into one matrix of weights."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from newsgroup_classifier.estimators.counted_rows import CountedRows
from newsgroup_classifier.estimators.linear_sum import linear_parts


class RatioLogistic(ClassifierMixin, CountedRows):
    """One logistic regression per label, on features weighted by their naive Bayes log ratio.

    As in Wang and Manning, "Baselines and Bigrams" (ACL 2012), with logistic regression instead of
    an SVM. `C` is scikit-learn's inverse regularization, `alpha` the smoothing of the ratios.
    """

    def __init__(self, C: float = 1.0, alpha: float = 0.1) -> None:
        self.C = C
        self.alpha = alpha

    def fit(self, X: Any, y: Any) -> "RatioLogistic":
        """Fit a regression of every label against the others; of two labels, only the second's."""
        rows, labels = validate_data(self, X, y, accept_sparse="csr")
        check_classification_targets(labels)
        check_non_negative(rows, type(self).__name__)
        self.classes_ = np.unique(labels)
        if len(self.classes_) == 1:
            raise ValueError("RatioLogistic needs two classes or more; the labels have one class")
        targets = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        fits = [self._fit_one(csr_matrix(rows), labels == label) for label in targets]
        self.coef_ = np.stack([weights for weights, _ in fits])
        self.intercept_ = np.array([intercept for _, intercept in fits])
        return self

    def _fit_one(self, rows: csr_matrix, positive: Any) -> tuple[np.ndarray, float]:
        logs = []
        for part in (rows[positive], rows[~positive]):
            sums = np.asarray(part.sum(axis=0)).ravel() + self.alpha
            logs.append(np.log(sums / sums.sum()))
        ratio = logs[0] - logs[1]
        regression = LogisticRegression(C=self.C, solver="liblinear", tol=1e-3, random_state=0)
        regression.fit(rows.multiply(ratio).tocsr(), positive)
        return regression.coef_[0] * ratio, float(regression.intercept_[0])

    def decision_function(self, X: Any) -> Any:
        """Return a score for each row and label; of two labels, only the second's."""
        check_is_fitted(self)
        rows = validate_data(self, X, accept_sparse="csr", reset=False)
        scores = rows @ self.coef_.T + self.intercept_
        return scores.ravel() if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> Any:
        """Return the label with the highest score for each row."""
        scores = self.decision_function(X)
        best = (scores > 0).astype(int) if scores.ndim == 1 else np.argmax(scores, axis=1)
        return self.classes_[best]


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
