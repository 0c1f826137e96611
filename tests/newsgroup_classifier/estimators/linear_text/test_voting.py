"""How sure a vote is, fitted to scores of rows that were held out."""

import numpy as np
import pytest
from scipy.special import softmax

from newsgroup_classifier.estimators.linear_text.voting import center, fit_sharpness
from newsgroup_classifier.evaluation.calibration import calibration_error
from newsgroup_classifier.hashed_text.model import Sharpness


def drawn(rows, seed=0):
    """Return centered scores whose softmax is right: the labels are drawn from it."""
    rng = np.random.default_rng(seed)
    scores = center(rng.normal(size=(rows, 8)) * rng.uniform(0.3, 4, (rows, 1)))
    odds = softmax(scores, axis=1).cumsum(axis=1)
    return scores, (odds < rng.random((rows, 1)) * odds[:, -1:]).sum(axis=1)


def error_of(probabilities, labels):
    return calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)


@pytest.mark.parametrize("power", [-0.4, 0.0, 1.0])
@pytest.mark.parametrize("factor", [0.5, 3])
def test_distorted_scores_of_other_rows_are_calibrated(power, factor):
    def distorted(scores):
        return factor * scores * scores.max(axis=1, keepdims=True) ** power

    scores, labels = drawn(4000)
    sharpness = fit_sharpness(distorted(scores), labels)
    scores, labels = drawn(20_000, seed=1)
    assert error_of(sharpness.probabilities(distorted(scores)), labels) < 0.02
    if power:
        assert error_of(softmax(distorted(scores), axis=1), labels) > 0.04


def test_few_rows_change_little():
    scores = np.array([[9.0, 0, 0], [0, 8.0, 0]])
    factor, power = fit_sharpness(scores, np.array([0, 1]))
    assert factor == pytest.approx(1, abs=0.05)
    assert power == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("labels", [[0, 1, 1], [1, 0, 0]])
@pytest.mark.parametrize("scale", [0, 1e-3, 1, 1e6])
def test_any_scores_have_probabilities(scale, labels):
    scores = scale * np.array([[1.0, -1], [-2, 2], [-3, 3]])
    probabilities = fit_sharpness(scores, np.array(labels)).probabilities(scores)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == scores.argmax(axis=1)).all()


def test_sharpness_of_none_is_the_softmax():
    scores, _ = drawn(50)
    np.testing.assert_allclose(Sharpness().probabilities(scores), softmax(scores, axis=1))
