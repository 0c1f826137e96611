"""The weights of fitted linear classifiers, which explanations and the Lambda's model need."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.decision_probabilities import (
    DecisionProbabilities,
    NumberedLabels,
)
from newsgroup_classifier.estimators.linear_sum import LinearSum
from newsgroup_classifier.estimators.linear_text.classifier import Softmax


@dataclass(frozen=True)
class LinearScores:
    """Weights (labels, features) and intercepts (labels) of a linear classifier.

    Scores are those of a softmax, or log odds of each label `versus` the rest.
    """

    weights: np.ndarray
    intercepts: np.ndarray
    versus: bool = False

    def score(self, rows: Any, words: slice) -> np.ndarray:
        """Return the scores of rows (n, features); those of words go without the intercepts."""
        scores = np.asarray(rows @ self.weights.T, dtype=float)
        parts = scores[words].copy()
        scores += self.intercepts
        scores[words] = parts
        return scores


def linear_scores(classifier: Any) -> LinearScores:
    """Return the weights of a fitted classifier; raise NotExportable if it is not linear."""
    kind, labels = type(classifier), len(getattr(classifier, "classes_", ()))
    if kind is NumberedLabels:
        return linear_scores(classifier.estimator)
    if kind is DecisionProbabilities:
        inner = _decisions(classifier.estimator_, labels)
        scale = 1 / classifier.temperature_
        return LinearScores(inner.weights * scale, inner.intercepts * scale)
    if kind is Softmax:
        return LinearScores(np.eye(labels), np.zeros(labels))
    if kind is LinearSum:
        return LinearScores(classifier.coef_, classifier.intercept_)
    if kind in (MultinomialNB, ComplementNB):  # the latter does not use its prior
        prior = classifier.class_log_prior_ if kind is MultinomialNB else np.zeros(labels)
        return LinearScores(classifier.feature_log_prob_, prior)
    if kind is SGDClassifier and classifier.loss == "log_loss":
        # Of two labels, the logistic function is a softmax with 0.
        return replace(_decisions(classifier, labels), versus=labels > 2)
    if getattr(kind, "predict_proba", None) is LogisticRegression.predict_proba:
        return _decisions(classifier, labels)
    raise NotExportable(f"{kind.__name__} is not a linear classifier that Lambda reproduces")


def _decisions(classifier: Any, labels: int) -> LinearScores:
    """Return the weights of decision values; the first of two labels has 0."""
    kind = type(classifier)
    decides = getattr(kind, "decision_function", None) is LinearClassifierMixin.decision_function
    # A user's subclass may predict in its own way, such as with a threshold.
    if not decides or kind.predict not in (LinearClassifierMixin.predict, RidgeClassifier.predict):
        raise NotExportable(f"{kind.__name__} is not a linear classifier that Lambda reproduces")
    weights = classifier.coef_.toarray() if issparse(classifier.coef_) else classifier.coef_
    weights = np.asarray(weights, float).reshape(-1, np.shape(weights)[-1])
    intercepts = np.broadcast_to(np.asarray(classifier.intercept_, float), len(weights))
    if labels == 2 and len(weights) == 1:
        weights, intercepts = np.vstack([0 * weights, weights]), np.append(0.0, intercepts)
    return LinearScores(weights, intercepts)
