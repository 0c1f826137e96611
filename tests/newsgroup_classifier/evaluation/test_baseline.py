"""The baseline has the metrics of a model that always predicts the largest class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from newsgroup_classifier.evaluation.baseline import LargestClass


@given(st.lists(st.integers(1, 30), min_size=2, max_size=8))
def test_baseline_has_the_metrics_of_scikit_learn(counts):
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    predicted = [counts.index(max(counts))] * len(labels)
    baseline = LargestClass.of(counts)
    assert baseline.accuracy == pytest.approx(accuracy_score(labels, predicted))
    macro_f1 = f1_score(labels, predicted, average="macro", zero_division=0)
    assert baseline.macro_f1 == pytest.approx(macro_f1)
    assert not baseline.is_beaten_by(baseline.accuracy)


def test_model_beats_the_largest_class_by_more_than_its_standard_error():
    baseline = LargestClass.of([50, 30, 20])  # the standard error of 0.5 is 0.05
    assert not baseline.is_beaten_by(0.55)
    assert baseline.is_beaten_by(0.56)
