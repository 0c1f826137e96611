"""Plots have their lines within the box and round values along the axes, for any values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.evaluation.report.curves import (
    HEIGHT,
    WIDTH,
    Axis,
    Line,
    plot_histograms,
    plot_lines,
)

NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32)


def places(plot):
    return [point for _, points in plot.points() for point in points]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20), st.booleans())
def test_lines_of_any_values_stay_in_the_box(pairs, whole):
    x, y = np.array(pairs, float).T
    plot = plot_lines("any", [Line(x, y, "one")], (Axis("x", whole=whole), Axis("y")))
    for across, down in places(plot):
        assert 0 <= across <= WIDTH
        assert 0 <= down <= HEIGHT
    assert len(places(plot)) == sum(np.isfinite(pair).all() for pair in pairs)
    for axis in (plot.x, plot.y):
        assert all(0 <= share <= 1 for share, _ in axis.ticks())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10**7), max_size=30), st.lists(st.integers(0, 10**7), max_size=5))
def test_histograms_of_any_lengths_stay_in_the_box(train, test):
    plot = plot_histograms("lengths", {"train": train, "test": test}, "characters")
    assert plot.key == ["train", "test"]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places(plot))
    assert [text for _, text in plot.x.ticks()][:2] == ["1", "10"]


@pytest.mark.parametrize(
    ("axis", "values", "texts"),
    [
        (Axis("share", (0, 1.02)), [0.5], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (Axis("epoch", whole=True), [1, 2, 3], ["1", "2", "3"]),
        (Axis("rows"), [0, 10_000], ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
        (Axis("rate", (1e-3, 1), logarithmic=True), [1], ["0.001", "0.01", "0.1", "1"]),
        (Axis("length", logarithmic=True), [1, 2_000_000], ["1", "10", "100", "1,000", "10,000"]),
    ],
)
def test_axes_have_round_values(axis, values, texts):
    found = [text for _, text in axis.fitted(np.array(values, float)).ticks()]
    assert found[: len(texts)] == texts


def test_lines_have_few_points_with_both_ends():
    values = np.linspace(0, 1, 10_000)
    plot = plot_lines("long", [Line(values, values)], (Axis("x", (0, 1)), Axis("y", (0, 1))))
    ((color, points),) = plot.points()
    assert color is None
    assert len(points) == 300
    assert (points[0], points[-1]) == ([0, HEIGHT], [WIDTH, 0])
