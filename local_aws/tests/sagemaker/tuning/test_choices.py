"""The ranges of tuning jobs and the choices of their strategies, without training jobs."""

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.errors import ValidationError
from local_aws.sagemaker.tuning.engine import is_hopeless
from local_aws.sagemaker.tuning.ranges import Numbers, combinations, encode, every, read_space
from local_aws.sagemaker.tuning.samplers import History, new_sampler
from local_aws.tests.sagemaker.tuning.tunings import choices, continuous

STRATEGIES = ("Random", "Bayesian")
NUMBER = st.floats(-1e6, 1e6, allow_nan=False)


def whole(low: int, high: int, scale: str = "Auto") -> dict[str, object]:
    ends = {"MinValue": str(low), "MaxValue": str(high)}
    return {"IntegerParameterRanges": [{"Name": "n", **ends, "ScalingType": scale}]}


@st.composite
def numbers(draw: st.DrawFn) -> Numbers:
    """Draw a range of numbers on any scale."""
    scale = draw(st.sampled_from(["Linear", "Logarithmic", "ReverseLogarithmic"]))
    if scale == "ReverseLogarithmic":
        ends, is_whole = draw(st.tuples(st.floats(0, 0.999), st.floats(0, 0.999))), False
    else:
        is_whole = draw(st.booleans())
        number = st.integers(-(10**6), 10**6).map(float) if is_whole else NUMBER
        ends = draw(st.tuples(number, number))
        if scale == "Logarithmic":
            ends = (abs(ends[0]) + 1, abs(ends[1]) + 1)
    low, high = sorted(ends)
    minimum = low + (1.0 if is_whole else 1e-3)
    return Numbers("x", low, max(high, minimum), is_whole, scale)


@given(numbers(), st.floats(0, 1))
def test_number_at_a_position_is_in_the_range_and_is_encoded_as_the_position(dimension, position):
    if dimension.scale == "ReverseLogarithmic" and dimension.high >= 1:
        return
    text = dimension.decode(position)
    assert dimension.has(text)
    (again,) = dimension.encode(text)
    assert -1e-6 <= again <= 1 + 1e-6
    value = float(text)
    assert math.isclose(float(dimension.decode(again)), value, rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.slow
@given(st.integers(0, 2**31), st.sampled_from(STRATEGIES))
@settings(max_examples=15)
def test_candidates_are_in_their_ranges_and_all_different(seed, strategy):
    ranges = choices(kind=["a", "b"]) | continuous(1e-5, 1.0, "Auto") | whole(1, 4)
    space = read_space(ranges)
    propose = new_sampler(strategy, space, seed)
    tried: list[dict[str, str]] = []
    for _ in range(8):
        observed = [(candidate, float(candidate["n"])) for candidate in tried]
        candidate = propose(History(observed, (), tried))
        assert candidate is not None
        assert candidate not in tried
        assert all(dimension.has(candidate[dimension.name]) for dimension in space)
        tried.append(candidate)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_small_space_is_tried_completely_and_then_exhausted(strategy):
    space = read_space(choices(kind=["a", "b", "c"]) | whole(0, 3))
    propose = new_sampler(strategy, space, 0)
    tried: list[dict[str, str]] = []
    while candidate := propose(History([(one, float(one["n"])) for one in tried], (), tried)):
        tried.append(candidate)
    assert combinations(space) == len(tried) == 12
    assert all(candidate in tried for candidate in every(space))


def test_random_search_continues_after_the_candidates_of_a_parent_with_the_same_seed():
    space = read_space(continuous())
    parent, child = (new_sampler("Random", space, 0) for _ in range(2))
    tried: list[dict[str, str]] = []
    for _ in range(120):
        tried.append(parent(History((), (), tried)))
    candidate = child(History((), (), tried))
    assert candidate is not None
    assert candidate not in tried


def bowl(candidate: dict[str, str]) -> float:
    """Return a smooth loss with its minimum, 0, at x = 0.01 on a log scale and n = 7."""
    return (math.log10(float(candidate["x"])) + 2) ** 2 + ((float(candidate["n"]) - 7) / 5) ** 2


def lowest_loss(strategy: str, seed: int, budget: int = 14) -> float:
    space = read_space(continuous(1e-5, 1.0, "Logarithmic") | whole(1, 20, "Linear"))
    propose = new_sampler(strategy, space, seed)
    observed: list[tuple[dict[str, str], float]] = []
    for _ in range(budget):
        tried = [candidate for candidate, _ in observed]
        candidate = propose(History(observed, (), tried))
        observed.append((candidate, bowl(candidate)))
    return min(loss for _, loss in observed)


@pytest.mark.slow
@pytest.mark.observes("tuning-strategies")
def test_bayesian_search_beats_random_search_on_a_smooth_function():
    losses = {
        strategy: [lowest_loss(strategy, seed) for seed in range(5)] for strategy in STRATEGIES
    }
    assert statistics.median(losses["Bayesian"]) < statistics.median(losses["Random"]) / 2
    pairs = zip(losses["Bayesian"], losses["Random"], strict=True)
    assert sum(bayesian < random_ for bayesian, random_ in pairs) >= 4


def test_bayesian_search_avoids_the_neighborhood_of_a_running_job():
    space = read_space(continuous(0, 1))
    observed = [({"x": text}, abs(float(text) - 0.3)) for text in ("0.1", "0.5", "0.9")]
    tried = [candidate for candidate, _ in observed]
    first = new_sampler("Bayesian", space, 3)(History(observed, (), tried))
    second = new_sampler("Bayesian", space, 3)(History(observed, [first], [*tried, first]))
    assert abs(float(first["x"]) - float(second["x"])) > 0.01


@pytest.mark.observes("tuning-scaling")
@pytest.mark.parametrize("scale", ["Logarithmic", "ReverseLogarithmic", "Linear"])
def test_scale_determines_which_part_of_a_range_is_searched_most(scale):
    low, high = (0.0, 0.999) if scale == "ReverseLogarithmic" else (0.001, 1.0)
    space = read_space(continuous(low, high, scale))
    chooser = random.Random(0)  # noqa: S311 (nothing secret)
    values = [float(space[0].draw(chooser)) for _ in range(400)]
    middle = statistics.median(values)
    expected = {"Logarithmic": 0.032, "ReverseLogarithmic": 0.968, "Linear": 0.5}[scale]
    assert middle == pytest.approx(expected, rel=0.35)


def test_auto_scaling_is_logarithmic_for_a_wide_range():
    assert read_space(continuous(1e-4, 1.0, "Auto"))[0].scale == "Logarithmic"
    assert read_space(continuous(0.1, 1.0, "Auto"))[0].scale == "Linear"


def test_categories_are_encoded_as_one_hot():
    space = read_space(choices(kind=["a", "b", "c"]))
    assert encode(space, {"kind": "b"}) == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({}, "at least one parameter range"),
        (continuous(1, 1), "expected a MinValue below the MaxValue"),
        (continuous(2, 1), "expected a MinValue below the MaxValue"),
        (continuous("a"), "The MinValue of the hyperparameter x is 'a'; expected a number"),
        (continuous("nan"), "expected a number"),
        (continuous(0, "1e999"), "expected a number"),
        (whole("0.5", 3), "expected a whole number"),
        (continuous(0, 1, "Logarithmic"), "needs values greater than 0"),
        (continuous(0, 1, "ReverseLogarithmic"), "from 0 to less than 1"),
        (whole(0, 3, "ReverseLogarithmic"), "from 0 to less than 1"),
        (choices(x=["1", "1"]), "has the same value twice"),
        (choices(x=["1"]) | continuous(), "more than one range"),
    ],
)
def test_invalid_range_is_refused(ranges, message):
    with pytest.raises(ValidationError, match=message):
        read_space(ranges)


@pytest.mark.observes("tuning-early-stopping")
@pytest.mark.parametrize(
    ("values", "others", "maximize", "hopeless"),
    [
        ([0.5], [], True, False),
        ([], [[0.9]], True, False),
        ([0.5], [[0.6], [0.4], [0.7]], True, True),
        ([0.6], [[0.6], [0.4], [0.7]], True, False),
        ([0.7], [[0.6], [0.4], [0.7]], False, True),
        # The median is of means up to the same epoch, for jobs that reached it.
        ([0.1, 0.55], [[0.4, 0.6, 0.99], [0.9]], True, False),
        ([0.1, 0.45], [[0.4, 0.6, 0.99], [0.9]], True, True),
    ],
)
def test_job_is_hopeless_if_its_last_value_is_worse_than_the_median_of_means(
    values, others, maximize, hopeless
):
    assert is_hopeless(values, others, maximize) is hopeless
