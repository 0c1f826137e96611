"""Curves of one class against the rest are those of scikit-learn, with fewer points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from newsgroup_classifier.evaluation.ranking import rank_classes

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
