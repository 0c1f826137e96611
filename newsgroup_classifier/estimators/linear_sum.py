"""Linear classifiers whose scores are added up in one matrix of weights."""

from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.naive_bayes import ComplementNB
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data


class CountedRows(BaseEstimator):
    """An estimator whose rows may be sparse and have no negative numbers."""

    def __sklearn_tags__(self) -> Any:
        """Return tags that allow sparse rows and require non-negative values."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags


class LinearSum(ClassifierMixin, CountedRows):
    """The sum of the scores of linear classifiers, with a softmax for probabilities.

    `voters` are pairs of an unfitted classifier and the factor of its scores. A sum of linear
    scores is linear, so prediction uses one matrix and costs no more than with one voter. The
    fitted voters are only needed for further calls of partial_fit, so they are not pickled: a
    loaded LinearSum can predict but not learn. Weights in half precision make a small archive.
    """

    def __init__(self, voters: Any, half_precision: bool = False) -> None:
        self.voters = voters
        self.half_precision = half_precision

    def fit(self, X: Any, y: Any) -> "LinearSum":
        """Fit every voter on the same rows."""
        rows, labels = self._checked(X, y, first=True)
        self.classes_ = np.unique(labels)
        self._learning = [clone(voter).fit(rows, labels) for voter, _ in self.voters]
        self._add_up()
        return self

    @available_if(lambda self: all(hasattr(voter, "partial_fit") for voter, _ in self.voters))
    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> "LinearSum":
        """Fit every voter on more rows; the first call must name all classes."""
        first = not hasattr(self, "_learning")
        if first and hasattr(self, "classes_"):
            raise ValueError("a LinearSum that was loaded cannot learn more; train it again")
        rows, labels = self._checked(X, y, first)
        if first:
            self.classes_ = np.unique(labels if classes is None else classes)
            self._learning = [clone(voter) for voter, _ in self.voters]
        for voter in self._learning:
            voter.partial_fit(rows, labels, classes=self.classes_)
        self._add_up()
        return self

    def _checked(self, X: Any, y: Any, first: bool) -> tuple[Any, Any]:
        rows, labels = validate_data(self, X, y, accept_sparse="csr", reset=first)
        check_classification_targets(labels)
        check_non_negative(rows, type(self).__name__)
        return rows, labels

    def _add_up(self) -> None:
        labels = len(self.classes_)
        weights, intercept = np.zeros((labels, self.n_features_in_)), np.zeros(labels)
        for voter, (_, factor) in zip(self._learning, self.voters, strict=True):
            own, start = linear_parts(voter, labels)
            weights += factor * own
            intercept += factor * start
        if self.half_precision:
            # A softmax ignores what all labels share; without it, less is lost to rounding.
            weights = (weights - weights.mean(axis=0)).astype(np.float16).astype(np.float64)
            intercept -= intercept.mean()
        self.coef_, self.intercept_ = weights, intercept

    def _scores(self, X: Any) -> Any:
        """Return the score of each label for each row."""
        check_is_fitted(self, "classes_")
        rows = validate_data(self, X, accept_sparse="csr", reset=False)
        return rows @ self.coef_.T + self.intercept_

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each label for each row."""
        return softmax(self._scores(X), axis=1)

    def predict(self, X: Any) -> Any:
        """Return the label with the highest score for each row."""
        best = np.argmax(self._scores(X), axis=1)
        return self.classes_[best]

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for prediction, without the fitted voters."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_learning"}


def linear_parts(voter: Any, labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (labels, features) and intercepts (labels) of a fitted classifier."""
    if hasattr(voter, "feature_log_prob_"):
        # Complement naive Bayes does not use the prior that it stores.
        prior = np.zeros(labels) if isinstance(voter, ComplementNB) else voter.class_log_prior_
        return voter.feature_log_prob_, prior
    weights, intercepts = voter.coef_, np.broadcast_to(voter.intercept_, len(voter.coef_))
    if labels == 2 and len(weights) == 1:  # scikit-learn stores one row for two labels
        return np.stack([-weights[0], weights[0]]) / 2, np.array([-1, 1]) * intercepts[0] / 2
    return weights, np.asarray(intercepts)
