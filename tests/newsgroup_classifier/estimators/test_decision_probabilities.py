"""Decision values become calibrated probabilities without changing the predicted label."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import log_loss
from sklearn.svm import SVC, LinearSVC

from newsgroup_classifier.estimators.decision_probabilities import (
    DecisionProbabilities,
    NumberedLabels,
)


def noisy(labels, rows=400, seed=0):
    """Return rows that a linear model separates in part."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(rows) % labels
    return rng.normal(np.eye(labels, 8)[numbers], 0.7), numbers


@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize("sparse", [False, True])
def test_probabilities_fit_new_rows_better_than_the_plain_softmax(labels, sparse):
    X, y = noisy(labels)
    X, held_out = (csr_matrix(X) if sparse else X), noisy(labels, seed=1)
    model = DecisionProbabilities(LinearSVC(C=100)).fit(X, y)
    plain = DecisionProbabilities.of_fitted(model.estimator_)
    probabilities = model.predict_proba(held_out[0])
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert model.temperature_ != 1
    assert log_loss(held_out[1], probabilities) < log_loss(
        held_out[1], plain.predict_proba(held_out[0])
    )


@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize("estimator", [LinearSVC(), RidgeClassifier(), SVC()])
def test_most_probable_label_is_the_one_that_the_classifier_predicts(estimator, labels):
    X, y = noisy(labels)
    model = DecisionProbabilities(clone(estimator)).fit(X, y)
    assert (model.predict_proba(X).argmax(axis=1) == model.predict(X)).all()
    assert (model.predict(X) == clone(estimator).fit(X, y).predict(X)).all()


def test_labels_with_one_and_two_rows_are_fitted_too():
    X, y = noisy(2, rows=40)
    X, y = np.vstack([X, X[:3]]), np.append(y, [2, 3, 3])
    model = DecisionProbabilities(LinearSVC()).fit(X, y)
    assert model.predict_proba(X).shape == (43, 4)
    assert DecisionProbabilities(LinearSVC()).fit(X[:2], [0, 1]).temperature_ == 1


def grouped(copies=10):
    """Return rows of random labels, in groups of nearly equal rows with one label."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 40)), np.arange(60) % 2
    noise = rng.normal(scale=0.01, size=(60 * copies, 40))
    return np.repeat(X, copies, axis=0) + noise, np.repeat(y, copies), np.repeat(range(60), copies)


def test_rows_of_a_group_are_held_out_together():
    X, y, numbers = grouped()
    groups = [f"thread {number}" for number in numbers]
    random = DecisionProbabilities(LinearSVC(C=10)).fit(X, y)
    whole = DecisionProbabilities(LinearSVC(C=10)).fit(X, y, groups)
    # Labels are random, so what is learned from other groups says nothing about a row.
    assert whole.temperature_ > 5 * random.temperature_
    assert (whole.predict(X) == random.predict(X)).all()


def test_fold_that_has_all_rows_of_a_label_is_not_held_out():
    X, y = noisy(3, rows=60)
    groups = ["one" if label == 2 else str(row) for row, label in enumerate(y)]
    model = DecisionProbabilities(LinearSVC()).fit(X, y, groups)
    assert model.predict_proba(X).shape == (60, 3)
    assert model.temperature_ != 1


def test_classifier_with_a_decision_per_pair_of_labels_is_refused_by_name():
    X, y = noisy(4)
    with pytest.raises(ValueError, match="of SVC returns 6 values per row; expected one for each"):
        DecisionProbabilities(SVC(decision_function_shape="ovo")).fit(X, y)


class Backwards(BaseEstimator):
    """A classifier whose classes are not sorted."""

    def fit(self, X, y):
        self.inner_ = LinearSVC().fit(X, y)
        self.classes_ = self.inner_.classes_[::-1]
        return self

    def decision_function(self, X):
        return self.inner_.decision_function(X)[:, ::-1]

    def predict(self, X):
        return self.inner_.predict(X)


def test_classes_in_another_order_keep_their_probabilities():
    X, y = noisy(3)
    model = DecisionProbabilities(Backwards()).fit(X, y)
    expected = DecisionProbabilities(LinearSVC()).fit(X, y)
    assert model.classes_.tolist() == [2, 1, 0]
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X)[:, ::-1])
    numbered = NumberedLabels(model)
    assert (numbered.classes_[numbered.predict(X)] == 2 - y).mean() > 0.5
    assert (numbered.predict(X) == numbered.predict_proba(X).argmax(axis=1)).all()


def test_numbered_labels_are_the_places_of_the_classes():
    X, y = noisy(3)
    fitted = DecisionProbabilities(LinearSVC()).fit(X, np.array([1, 5, 9])[y])
    model = NumberedLabels(fitted)
    assert model.classes_.tolist() == [0, 1, 2]
    assert (np.array([1, 5, 9])[model.predict(X)] == fitted.predict(X)).all()
