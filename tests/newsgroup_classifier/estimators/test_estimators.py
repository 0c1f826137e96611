"""Our estimators follow scikit-learn's conventions."""

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.base import clone
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from newsgroup_classifier.estimators.linear_sum import LinearSum
from newsgroup_classifier.estimators.part_fit import FitOnPart
from newsgroup_classifier.estimators.steady_neighbors import SteadyNeighbors
from newsgroup_classifier.estimators.topics import LabelTopics

ROWS = np.random.default_rng(0).poisson(1.0, (60, 12)).astype(float)
LABELS = np.arange(60) % 3
ROWS[np.arange(60), LABELS] += 4
LDA = LatentDirichletAllocation(2, max_iter=3, random_state=0)
GRADIENTS = SGDClassifier(loss="modified_huber", average=True, random_state=0)
FOREST = RandomForestClassifier(5, random_state=0)


@parametrize_with_checks(
    [
        LabelTopics(LDA, by_label=False),
        LabelTopics(LDA, by_label=True),
        FitOnPart(FOREST),
        LinearSum([(LinearSVC(random_state=0), 3.0)], half_precision=True),
        LinearSum([(GRADIENTS, 2.0), (ComplementNB(), 1.0)]),
        SteadyNeighbors(3),
        SteadyNeighbors(3, weights="distance"),
    ]
)
def test_estimator_passes_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_steady_neighbors_equal_scikit_learns_if_all_distances_differ(weights):
    rows = np.random.default_rng(1).normal(size=(90, 12))
    ours = SteadyNeighbors(4, weights=weights).fit(rows[:60], LABELS)
    theirs = KNeighborsClassifier(4, weights=weights).fit(rows[:60], LABELS)
    distances, numbers = theirs.kneighbors(rows[60:])
    assert ours.kneighbors(rows[60:], return_distance=False).tolist() == numbers.tolist()
    np.testing.assert_allclose(ours.kneighbors(rows[60:])[0], distances, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        ours.predict_proba(rows[60:]), theirs.predict_proba(rows[60:]), atol=1e-6
    )


def test_steady_neighbors_of_a_duplicated_row_are_both_copies_in_order():
    both = SteadyNeighbors(2, weights="distance").fit([[3.0], [1.0], [1.0]], [0, 2, 1])
    assert both.kneighbors([[1.0]], return_distance=False).tolist() == [[1, 2]]
    assert both.predict_proba([[1.0]]).tolist() == [[0, 0.5, 0.5]]
    assert both.predict([[1.0]]) == [1]


def test_label_topics_of_all_rows_equal_those_of_the_topic_model():
    result = LabelTopics(LDA).fit_transform(csr_matrix(ROWS))
    np.testing.assert_allclose(result, LDA.fit_transform(ROWS), atol=1e-5)


def test_label_topics_by_label_are_equally_many_and_separate_the_labels():
    topics = LabelTopics(LDA, by_label=True).fit(ROWS, LABELS)
    shares = topics.transform(ROWS)
    assert shares.shape == (60, 6)
    by_label = shares.reshape(60, 3, 2).sum(axis=2)
    assert (by_label.argmax(axis=1) == LABELS).mean() > 0.9


def test_label_topics_by_label_require_labels():
    assert LabelTopics(LDA, by_label=True).__sklearn_tags__().target_tags.required
    assert not LabelTopics(LDA).__sklearn_tags__().target_tags.required
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        LabelTopics(LDA, by_label=True).fit(ROWS)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LabelTopics(LDA, by_label=True).fit(ROWS, LABELS[1:])


def test_fit_on_part_uses_only_the_drawn_rows():
    estimator = FitOnPart(FOREST, part=0.25, random_state=3)
    drawn = estimator.draw_rows(60)
    assert len(set(drawn.tolist())) == 15
    changed = np.full_like(ROWS, 99.0)
    changed[drawn] = ROWS[drawn]
    one, other = (estimator.fit(rows, LABELS).predict_proba(ROWS) for rows in (ROWS, changed))
    assert (one == other).all()


def test_fit_on_a_part_without_one_of_the_labels_is_refused():
    with pytest.raises(ValueError, match=r"part 0\.01 of the rows has no row of the label"):
        FitOnPart(FOREST, part=0.01, random_state=3).fit(ROWS, LABELS)


def test_fit_on_all_rows_equals_the_classifier():
    result = FitOnPart(FOREST, part=1.0).fit(ROWS, LABELS).predict_proba(ROWS)
    assert (result == FOREST.fit(ROWS, LABELS).predict_proba(ROWS)).all()


def test_linear_sum_in_half_precision_nearly_equals_its_voter():
    result = LinearSum([(MultinomialNB(), 1.0)], half_precision=True).fit(ROWS, LABELS)
    expected = MultinomialNB().fit(ROWS, LABELS).predict_proba(ROWS)
    np.testing.assert_allclose(result.predict_proba(ROWS), expected, atol=0.02)


def test_linear_sum_of_an_svm_on_two_labels_makes_the_same_decisions():
    y = LABELS % 2
    machine = LinearSVC(random_state=0).fit(ROWS, y)
    result = LinearSum([(LinearSVC(random_state=0), 3.0)], half_precision=True).fit(ROWS, y)
    sure = abs(machine.decision_function(ROWS)) > 0.05  # half precision may turn a close call
    assert (result.predict(ROWS) == machine.predict(ROWS))[sure].all()


def test_weights_are_rounded_when_they_are_fitted():
    topics = LabelTopics(LDA).fit(ROWS).topics_.exp_dirichlet_component_
    assert (topics == topics.astype(np.float32)).all()
    weights = LinearSum([(MultinomialNB(), 1.0)], half_precision=True).fit(ROWS, LABELS).coef_
    assert (weights == weights.astype(np.float16)).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_linear_sum_is_the_sum_of_the_scores_of_its_voters(classes):
    labels = LABELS % classes
    voters = [(GRADIENTS, 2.0), (ComplementNB(), 0.5)]
    result = LinearSum(voters).fit(ROWS, labels)
    gradients, bayes = (clone(voter).fit(ROWS, labels) for voter, _ in voters)
    scores = gradients.decision_function(ROWS)
    if classes == 2:
        scores = np.stack([-scores, scores], axis=1) / 2
    scores = 2 * scores + 0.5 * bayes.predict_joint_log_proba(ROWS)
    assert (result.predict(ROWS) == scores.argmax(axis=1)).all()
    np.testing.assert_allclose(result.predict_proba(ROWS), softmax(scores, axis=1), atol=1e-9)


def test_linear_sum_fitted_in_parts_is_pickled_without_its_voters():
    rows = csr_matrix(ROWS)
    fitted = LinearSum([(GRADIENTS, 2.0), (ComplementNB(), 0.5)])
    for part in (slice(0, 25), slice(25, 60)):
        fitted.partial_fit(rows[part], LABELS[part], classes=np.arange(3))
    loaded = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own bytes
    assert (loaded.predict_proba(rows) == fitted.predict_proba(rows)).all()
    assert (loaded.predict(rows) == LABELS).mean() > 0.8
    assert not any("learning" in name for name in vars(loaded))
    with pytest.raises(ValueError, match="cannot learn more"):
        loaded.partial_fit(rows, LABELS)
