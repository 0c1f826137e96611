"""Intervals of the bootstrap contain the metric, and shrink with more examples."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from newsgroup_classifier.evaluation.intervals import bootstrap_intervals
from newsgroup_classifier.evaluation.metrics import classification_metrics

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
