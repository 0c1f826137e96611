"""The members of a vote are the same models as scikit-learn's."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from scipy.sparse import random as random_rows
from sklearn.linear_model import Ridge as ScikitLearnRidge
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from newsgroup_classifier.estimators.linear_text import ridge
from newsgroup_classifier.estimators.linear_text.bayes import NaiveBayes
from newsgroup_classifier.estimators.linear_text.members import (
    group_folds,
    one_hot,
    thread_of,
    vote_folds,
)
from newsgroup_classifier.estimators.linear_text.ridge import RatioRidge, Ridge, row_products
from newsgroup_classifier.estimators.linear_text.voting import log_loss, select_votes, sharpness_of

CLASSES = 4


@pytest.fixture(scope="module")
def labeled():
    """Return sparse rows (300, 500), of which the labels depend on some features."""
    rng = np.random.default_rng(0)
    rows = csr_matrix(random_rows(300, 500, 0.05, "csr", np.float32, rng=rng))
    rows.data += np.float32(0.1)
    labels = np.argmax(rows[:, :40] @ rng.random((40, CLASSES)), axis=1)
    return rows, labels


def agree(member, other, labeled, tolerance=1e-4):
    """Assert that the scores of a member differ from others by what all classes share."""
    rows, labels = labeled
    folds = vote_folds(labels)
    fits = member.start(rows, one_hot(labels, CLASSES))
    weights, intercepts = fits.fit()
    assert_alike(rows @ weights + intercepts, other(rows, labels, rows), tolerance)
    scores = fits.out_of_fold(folds)
    for fit, held in folds:
        assert_alike(scores[held], other(rows[fit], labels[fit], rows[held]), tolerance)


def with_constant(rows):
    return np.hstack([rows.toarray(), np.ones((rows.shape[0], 1))])


def assert_alike(actual, expected, tolerance):
    differences = actual - expected
    shared = differences.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(differences - shared, 0, atol=tolerance)


@pytest.mark.parametrize("alpha", [0.01, 0.5])
def test_complement_naive_bayes_is_that_of_scikit_learn(labeled, alpha):
    def expected(rows, labels, held):
        return held @ ComplementNB(alpha=alpha).fit(rows, labels).feature_log_prob_.T

    agree(NaiveBayes(alpha, complement=True), expected, labeled, 1e-3)


@pytest.mark.parametrize("alpha", [0.01, 0.5])
def test_multinomial_naive_bayes_is_that_of_scikit_learn(labeled, alpha):
    def expected(rows, labels, held):
        return MultinomialNB(alpha=alpha).fit(rows, labels).predict_joint_log_proba(held)

    agree(NaiveBayes(alpha, complement=False), expected, labeled, 1e-3)


@pytest.mark.parametrize("most_rows", [10, 20_000], ids=["without products", "with products"])
def test_ridge_is_that_of_scikit_learn_with_a_constant_feature(labeled, most_rows, monkeypatch):
    monkeypatch.setattr(ridge, "_MAX_ROWS", most_rows)
    monkeypatch.setattr(ridge, "_TOLERANCE", 1e-6)

    def expected(rows, labels, held):
        targets = 2 * np.eye(CLASSES)[labels] - 1
        model = ScikitLearnRidge(alpha=2.0, fit_intercept=False, solver="cholesky")
        model.fit(with_constant(rows), targets)
        return model.predict(with_constant(held))

    agree(Ridge(2.0), expected, labeled)


def test_products_of_rows_are_those_of_dense_rows(labeled):
    rows, _ = labeled
    frequent = csr_matrix(np.ones((300, 3), np.float32))
    both = hstack([rows, frequent], format="csr")
    expected = both.toarray() @ both.toarray().T
    np.testing.assert_allclose(row_products(both), expected, rtol=1e-5, atol=1e-5)


def test_ratio_model_is_a_ridge_of_scikit_learn_on_weighted_features(labeled, monkeypatch):
    monkeypatch.setattr(ridge, "_TOLERANCE", 1e-6)

    def expected(rows, labels, held):
        return np.stack([one(rows, labels == label, held) for label in range(CLASSES)], axis=1)

    def one(rows, positive, held):
        logs = []
        for part in (rows[positive], rows[~positive]):
            sums = np.asarray(part.sum(axis=0)).ravel() + 0.1
            logs.append(np.log(sums / sums.sum()))
        ratio = np.append(logs[0] - logs[1], 1.0)
        model = ScikitLearnRidge(alpha=24 / 6, fit_intercept=False, solver="cholesky")
        model.fit(with_constant(rows) * ratio, np.where(positive, 1, -1))
        return model.predict(with_constant(held) * ratio)

    agree(RatioRidge(6.0), expected, labeled, 1e-3)


def test_sharpness_minimizes_the_log_loss():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 500)
    scores = 0.01 * (np.eye(3)[labels] + rng.normal(0, 0.8, (500, 3)))
    best = sharpness_of(scores, labels)
    losses = [log_loss(factor * best * scores, labels) for factor in (0.9, 1.0, 1.1)]
    assert losses[1] == min(losses)


def test_vote_is_at_least_as_good_as_its_best_member():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 500)
    members = [2 * np.eye(3)[labels] + rng.normal(0, 1.5, (500, 3)) for _ in range(3)]
    votes = select_votes(members, labels)
    assert len(votes) > 1
    total = sum(count * members[place] for place, count in votes.items())
    accuracies = [(each.argmax(axis=1) == labels).mean() for each in members]
    assert (total.argmax(axis=1) == labels).mean() > max(accuracies)


@pytest.mark.parametrize("rows", [2, 3, 50, 5000])
def test_folds_hold_out_each_row_once_and_spread_every_class(rows):
    labels = np.arange(rows) % 2
    folds = vote_folds(labels)
    held = np.concatenate([held for _, held in folds])
    assert sorted(held.tolist()) == list(range(rows))
    for fit, out in folds:
        assert sorted([*fit, *out]) == list(range(rows))
        if rows >= 50:
            assert abs(labels[out].mean() - 0.5) < 0.26


def test_folds_keep_the_posts_of_a_thread_together():
    labels = np.arange(90) % 3
    subjects = [("Re: " if row % 2 else "") + f"Topic {row // 6}" for row in range(90)]
    for fit, held in group_folds(labels, 3, subjects):
        threads = [{thread_of(subjects[row]) for row in part} for part in (fit, held)]
        assert not threads[0] & threads[1]


def test_rows_without_a_group_are_spread_over_the_folds():
    labels = np.arange(90) % 3
    folds = group_folds(labels, 3, ["", "Re: "] * 45)
    assert [len(held) for _, held in folds] == [30, 30, 30]


@pytest.mark.parametrize(
    ("subject", "thread"),
    [("Re: RE: Fwd: My  Mac", "my mac"), ("Reply", "reply"), ("", ""), ("re:", "")],
)
def test_thread_of_a_subject_is_the_subject_without_marks_of_replies(subject, thread):
    assert thread_of(subject) == thread
