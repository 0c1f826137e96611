"""The metrics of a classifier equal those worked out by hand."""

import pytest

from newsgroup_classifier.evaluation.metrics import classification_metrics
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
