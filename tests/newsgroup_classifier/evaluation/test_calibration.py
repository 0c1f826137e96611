"""Calibration compares confidence with accuracy, and tells which examples can be answered."""

import numpy as np
import pytest

from newsgroup_classifier.evaluation.calibration import answerable, calibration_error, reliability


def test_calibration_error_is_the_mean_distance_of_confidence_and_accuracy():
    confidence = np.full(10, 0.9)
    assert calibration_error(confidence, np.arange(10) < 9) == pytest.approx(0)
    assert calibration_error(confidence, np.ones(10, bool)) == pytest.approx(0.1)
    assert calibration_error(confidence, np.zeros(10, bool)) == pytest.approx(0.9)


def test_reliability_has_a_bin_for_each_confidence_with_examples():
    bins = reliability(np.array([0.55, 0.95, 0.95, 1.0]), np.array([1, 1, 0, 1], bool), 10)
    assert [one.examples for one in bins] == [1, 3]
    assert bins[1].accuracy == pytest.approx(2 / 3)


def test_answerable_is_the_largest_share_that_reaches_the_accuracy():
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, True, False])
    assert answerable(confidence, right, 0.95) == (0.75, 0.7)
    assert answerable(confidence, right, 0.75) == (1.0, 0.6)
    assert answerable(confidence, ~right, 0.95) == (0.0, 1.0)


def test_examples_of_one_confidence_are_answered_together():
    confidence, right = np.array([0.9, 0.5, 0.5]), np.array([True, True, False])
    assert answerable(confidence, right, 0.95) == (pytest.approx(1 / 3), 0.9)
