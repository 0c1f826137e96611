"""The metrics of a classifier are those of scikit-learn, and their intervals contain them."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from newsgroup_classifier.evaluation.metrics import (
    bootstrap_intervals,
    classification_metrics,
    rank_classes,
)
from newsgroup_classifier.recipes.catalogue import RECIPES


def test_classification_metrics_of_a_small_case_equal_those_by_hand():
    metrics = classification_metrics([0, 0, 0, 1], [0, 0, 1, 1])
    assert metrics == pytest.approx(
        {
            "accuracy": 3 / 4,
            "macro_precision": (1 + 1 / 2) / 2,
            "macro_recall": (2 / 3 + 1) / 2,
            "macro_f1": (4 / 5 + 2 / 3) / 2,
            "weighted_precision": (3 * 1 + 1 / 2) / 4,
            "weighted_recall": (3 * 2 / 3 + 1) / 4,
            "weighted_f1": (3 * 4 / 5 + 2 / 3) / 4,
        },
        abs=1e-12,
    )


def test_classification_metrics_of_a_class_never_predicted_count_it_as_0():
    assert classification_metrics([0, 1], [0, 0])["macro_precision"] == 1 / 4


def test_classification_metrics_of_right_predictions_are_all_1():
    assert set(classification_metrics([0, 1, 2], [0, 1, 2]).values()) == {1.0}


def test_metrics_that_recipes_name_are_among_those_printed():
    printed = set(classification_metrics([0, 1], [0, 1]))
    for recipe in RECIPES.values():
        assert set(recipe.metrics) <= printed


ROWS = st.integers(2, 40).flatmap(
    lambda rows: st.tuples(
        arrays(int, rows, elements=st.integers(0, 2)),
        arrays(float, (rows, 3), elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])),
    )
)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_curves_and_areas_of_few_rows_are_those_of_scikit_learn(rows):
    labels, probabilities = rows
    rankings = rank_classes(labels, probabilities)
    assert set(rankings) == {label for label in set(labels.tolist()) if (labels != label).any()}
    for label, ranking in rankings.items():
        positive, column = labels == label, probabilities[:, label]
        false, true, _ = roc_curve(positive, column, drop_intermediate=False)
        assert (ranking.roc.x.tolist(), ranking.roc.y.tolist()) == (false.tolist(), true.tolist())
        precision, recall, _ = precision_recall_curve(positive, column)
        assert ranking.precision.x.tolist() == recall[::-1].tolist()
        assert ranking.precision.y.tolist() == precision[::-1].tolist()
        assert ranking.roc.area == pytest.approx(roc_auc_score(positive, column), abs=1e-12)
        average = average_precision_score(positive, column)
        assert ranking.precision.area == pytest.approx(average, abs=1e-12)


def test_curves_of_many_rows_have_300_points_of_which_most_are_at_the_beginning():
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 50_000)
    probabilities = random.random((50_000, 2))
    false, true, _ = roc_curve(labels == 1, probabilities[:, 1], drop_intermediate=False)
    curve = rank_classes(labels, probabilities)[1].roc
    assert 200 < len(curve.x) <= 300
    assert set(zip(curve.x, curve.y, strict=True)) <= set(zip(false, true, strict=True))
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert (curve.x < 0.1).sum() > 100


@pytest.mark.parametrize("labels", [[], [1, 1, 1]])
def test_classes_without_others_to_rank_against_have_no_curves(labels):
    assert rank_classes(np.array(labels, int), np.ones((len(labels), 3))) == {}


PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


def confusion(labels, predicted, classes):
    return confusion_matrix(labels, predicted, labels=range(classes))


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_interval_of_identical_resamples_is_the_metric(pairs):
    labels, predicted = zip(*[pairs[0]] * 5, strict=True)
    values = classification_metrics(labels, predicted)
    for name, (low, high) in bootstrap_intervals(confusion(labels, predicted, 4), 20).items():
        assert low == high == pytest.approx(values[name])


def test_interval_of_accuracy_is_that_of_a_binomial_share():
    right = np.arange(1000) % 5 > 0
    predicted = np.where(right, 0, 1)
    low, high = bootstrap_intervals(confusion([0] * 1000, predicted, 2))["accuracy"]
    error = 1.96 * np.sqrt(0.8 * 0.2 / 1000)
    assert (low, high) == pytest.approx((0.8 - error, 0.8 + error), abs=0.003)
    assert bootstrap_intervals(confusion([0] * 1000, predicted, 2))["accuracy"] == (low, high)


def test_mean_of_the_resamples_is_near_each_metric():
    random = np.random.default_rng(1)
    labels = random.integers(0, 5, 4000)
    predicted = np.where(random.random(4000) < 0.7, labels, random.integers(0, 5, 4000))
    values = classification_metrics(labels.tolist(), predicted.tolist())
    for name, (low, high) in bootstrap_intervals(confusion(labels, predicted, 5)).items():
        assert low < values[name] < high
        assert high - low < 0.04


def test_resamples_of_many_pairs_of_labels_are_not_in_memory_at_once():
    pairs = np.ones((80, 80), int)
    everything = 1000 * pairs.size * 8  # bytes
    tracemalloc.start()
    bootstrap_intervals(pairs)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < everything / 3
