"""Search spaces: how they are written, what is refused, and what they hold."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import ChoiceParameter, FloatParameter, IntParameter
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.search_space import (
    Choices,
    Interval,
    check_space,
    draw,
    grid,
    parse_range,
)

PARAMETERS = (
    FloatParameter("alpha", 0.01, "smoothing", above=0.0),
    IntParameter("trees", 5, "trees", 1, 10),
    ChoiceParameter("learning", "batch", "how", ("batch", "online")),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpha=0.1,1", Choices("alpha", (0.1, 1.0))),
        ("trees=3", Choices("trees", (3,))),
        ("learning=online,batch", Choices("learning", ("online", "batch"))),
        ("alpha=0.1..2", Interval("alpha", 0.1, 2.0)),
        ("alpha=1e-4..1e-1:log", Interval("alpha", 1e-4, 0.1, "log")),
        ("trees=2..9", Interval("trees", 2, 9, whole=True)),
    ],
)
def test_parse_range_returns_values_and_intervals(text, expected):
    assert parse_range(text, PARAMETERS) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alhpa=1", "unknown hyperparameter 'alhpa'; did you mean alpha?"),
        ("alpha=", "the range of alpha is empty"),
        ("alpha", "has no name"),
        ("=1", "has no name"),
        ("alpha=2..1", "goes from 2 to 1; expected a lowest value below"),
        ("alpha=1..1", "goes from 1 to 1"),
        ("alpha=1,1", "has a value twice"),
        ("alpha=-1,1", "hyperparameter alpha is '-1'; expected a number above 0"),
        ("trees=1..11", "hyperparameter trees is '11'; expected a whole number from 1 to 10"),
        ("trees=1..2:cubic", "has the scale 'cubic'"),
        ("learning=batch..online", "so it has no interval"),
    ],
)
def test_parse_range_of_an_invalid_range_says_why(text, message):
    with pytest.raises(HyperparameterError) as caught:
        parse_range(text, PARAMETERS)
    assert message in str(caught.value)


def test_check_space_refuses_an_empty_space_and_two_ranges_of_one_name():
    with pytest.raises(HyperparameterError, match="the search space is empty"):
        check_space((), PARAMETERS)
    with pytest.raises(HyperparameterError, match="alpha has two ranges"):
        check_space((Choices("alpha", (0.1,)), Choices("alpha", (0.2,))), PARAMETERS)


def test_check_space_refuses_a_log_scale_from_zero():
    parameters = (FloatParameter("share", 0.5, "a share", lowest=0.0, highest=1.0),)
    with pytest.raises(HyperparameterError, match="a log scale needs a lowest value above 0"):
        check_space((Interval("share", 0.0, 1.0, "log"),), parameters)


def test_grid_has_every_combination_with_the_last_range_changing_fastest():
    space = (Choices("alpha", (0.1, 1.0)), Choices("trees", (1, 2)))
    assert grid(space) == [
        {"alpha": 0.1, "trees": 1},
        {"alpha": 0.1, "trees": 2},
        {"alpha": 1.0, "trees": 1},
        {"alpha": 1.0, "trees": 2},
    ]


def test_grid_of_an_interval_says_what_to_do():
    with pytest.raises(HyperparameterError, match="search at random"):
        grid((Interval("alpha", 0.1, 1.0),))


@given(st.integers(0, 2**31), st.integers(1, 30))
def test_draw_returns_different_candidates_and_the_same_ones_for_a_seed(seed, count):
    space = (Interval("alpha", 1e-4, 0.1, "log"), Interval("trees", 2, 9, whole=True))
    candidates = draw(space, count, seed)
    assert candidates == draw(space, count, seed)
    assert len({tuple(candidate.items()) for candidate in candidates}) == len(candidates) == count
    for candidate in candidates:
        check_space(tuple(Choices(name, (value,)) for name, value in candidate.items()), PARAMETERS)
        assert 1e-4 <= candidate["alpha"] <= 0.1
        assert 2 <= candidate["trees"] <= 9


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_draw_of_whole_numbers_has_each_of_them_as_often_as_the_scale_says(scale):
    space = (Interval("trees", 1, 4, scale, whole=True),)
    counts = Counter(draw(space, 1, seed)[0]["trees"] for seed in range(4000))
    edges = [0.5, 1.5, 2.5, 3.5, 4.5]
    weigh = math.log if scale == "log" else float
    widths = [weigh(high) - weigh(low) for low, high in pairwise(edges)]
    for number, width in enumerate(widths, start=1):
        assert counts[number] / 4000 == pytest.approx(width / sum(widths), abs=0.03)


def test_draw_of_a_small_space_returns_all_of_it():
    assert len(draw((Choices("trees", (1, 2, 3)),), 10, 0)) == 3


@pytest.mark.parametrize("recipe", [r for r in RECIPES.values() if r.space], ids=lambda r: r.name)
def test_space_of_each_recipe_is_valid_for_its_hyperparameters(recipe):
    check_space(recipe.space, recipe.hyperparameters)


def test_draws_from_an_interval_narrower_than_six_digits_stay_in_it():
    narrow = Interval("dropout", 0.12345641, 0.12345649)
    drawn = [each["dropout"] for each in draw((narrow,), 5, seed=1)]
    assert all(narrow.lowest <= value <= narrow.highest for value in drawn)


def test_an_interval_of_any_numbers_for_a_whole_number_is_refused():
    with pytest.raises(HyperparameterError, match=r"trees is not limited.*with whole=True"):
        check_space((Interval("trees", 1, 9),), PARAMETERS)


def test_a_whole_interval_with_an_end_that_is_not_whole_is_refused():
    parameters = (IntParameter("units", 2, "units", 1, 9),)
    check_space((Interval("units", 1.0, 3.0, whole=True),), parameters)
    with pytest.raises(HyperparameterError, match=r"units is '1\.4'; expected a whole number"):
        check_space((Interval("units", 1.4, 3.0, whole=True),), parameters)
