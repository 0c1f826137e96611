"""Search spaces: the values or the interval of each hyperparameter that a search varies.

The same space serves a search inside one training job and a tuning job across many.
"""

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import (
    FloatParameter,
    IntParameter,
    Parameter,
    Value,
    find_parameter,
)

LINEAR, LOGARITHMIC = "linear", "log"
_FORM = "expected NAME=VALUE,VALUE,... or NAME=LOWEST..HIGHEST, optionally followed by :log"
Candidate = dict[str, Value]


@dataclass(frozen=True)
class Choices:
    """A hyperparameter that takes one of some values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Interval:
    """A number from `lowest` to `highest`, both included, drawn on a linear or a log scale.

    With `whole`, only whole numbers are drawn.
    """

    name: str
    lowest: float
    highest: float
    scale: str = LINEAR
    whole: bool = False


Range = Choices | Interval
SearchSpace = tuple[Range, ...]


def learning_rates(lowest: float, highest: float) -> Interval:
    """Return an interval of learning rates on a log scale."""
    return Interval("learning_rate", lowest, highest, LOGARITHMIC)


def check_space(space: Sequence[Range], parameters: Sequence[Parameter]) -> None:
    """Raise HyperparameterError unless every range is valid for one of a recipe's parameters."""
    if not space:
        raise HyperparameterError("the search space is empty; expected one or more ranges")
    for place, part in enumerate(space):
        parameter = find_parameter(part.name, parameters)
        if part.name in {other.name for other in space[:place]}:
            raise HyperparameterError(f"hyperparameter {part.name} has two ranges; expected one")
        if isinstance(part, Choices):
            _check_choices(part, parameter)
        else:
            _check_interval(part, parameter)


def _check_choices(part: Choices, parameter: Parameter) -> None:
    if not part.values:
        raise HyperparameterError(f"the range of {part.name} is empty; expected one or more values")
    for value in part.values:
        parameter.check(value)
    if len(set(part.values)) < len(part.values):
        raise HyperparameterError(f"the range of {part.name} has a value twice; expected it once")


def _check_interval(part: Interval, parameter: Parameter) -> None:
    _check_number(parameter)
    if isinstance(parameter, IntParameter) and not part.whole:
        raise HyperparameterError(
            f"the range of {part.name} is not limited to whole numbers, and the hyperparameter is "
            f"{parameter.expected}; expected an Interval with whole=True"
        )
    if part.lowest >= part.highest:
        raise HyperparameterError(
            f"the range of {part.name} goes from {part.lowest:g} to {part.highest:g}; expected "
            "a lowest value below the highest one"
        )
    if part.scale == LOGARITHMIC and part.lowest <= 0:
        raise HyperparameterError(
            f"the range of {part.name} begins at {part.lowest:g}; a log scale needs a lowest "
            "value above 0"
        )
    for end in (part.lowest, part.highest):
        parameter.check(int(end) if part.whole and end == int(end) else end)


def _check_number(parameter: Parameter) -> None:
    if not isinstance(parameter, FloatParameter | IntParameter):
        raise HyperparameterError(
            f"hyperparameter {parameter.name} is {parameter.expected}, so it has no interval; list "
            "its values, separated by commas"
        )


def parse_range(text: str, parameters: Sequence[Parameter]) -> Range:
    """Return the range in NAME=A,B,C or NAME=LOWEST..HIGHEST[:log].

    Raises HyperparameterError for another form, an unknown name, and invalid values.
    """
    name, equals, rest = text.partition("=")
    if not equals or not name:
        raise HyperparameterError(f"the range {text!r} has no name; {_FORM}")
    parameter = find_parameter(name, parameters)
    part = _interval(rest, parameter) if ".." in rest else _choices(rest, parameter)
    check_space((part,), parameters)
    return part


def _choices(rest: str, parameter: Parameter) -> Choices:
    if not rest.strip(","):
        return Choices(parameter.name, ())
    return Choices(parameter.name, tuple(parameter.parse(part) for part in rest.split(",")))


def _interval(rest: str, parameter: Parameter) -> Interval:
    ends, colon, scale = rest.partition(":")
    lowest, _, highest = ends.partition("..")
    if colon and scale not in (LINEAR, LOGARITHMIC):
        raise HyperparameterError(f"the range of {parameter.name} has the scale {scale!r}; {_FORM}")
    _check_number(parameter)
    low, high = (float(parameter.parse(end)) for end in (lowest, highest))
    return Interval(parameter.name, low, high, scale or LINEAR, isinstance(parameter, IntParameter))


def check_grid(space: Sequence[Range]) -> None:
    """Raise HyperparameterError for an interval, which has no grid."""
    for part in space:
        if isinstance(part, Interval):
            raise HyperparameterError(
                f"the range of {part.name} is an interval, which has no grid; list its values, "
                "separated by commas, or search at random"
            )


def grid(space: Sequence[Range]) -> list[Candidate]:
    """Return every combination of the values, the last range changing fastest."""
    check_grid(space)
    lists = [[(part.name, value) for value in part.values] for part in space]  # type: ignore[union-attr]
    return [dict(combination) for combination in itertools.product(*lists)]


def draw(space: Sequence[Range], count: int, seed: int) -> list[Candidate]:
    """Return up to `count` different random candidates; fewer if the space has no more."""
    rng = random.Random(seed)  # noqa: S311 (nothing secret)
    drawn: dict[tuple[Value, ...], Candidate] = {}
    for _ in range(20 * count):  # a small space is soon used up
        candidate = {part.name: _draw_one(part, rng) for part in space}
        drawn.setdefault(tuple(candidate.values()), candidate)
        if len(drawn) == count:
            break
    return list(drawn.values())


def _draw_one(part: Range, rng: random.Random) -> Value:
    if isinstance(part, Choices):
        return rng.choice(part.values)
    # The ends of whole numbers extend by half a unit, or they would be drawn half as often.
    margin = 0.5 if part.whole else 0.0
    lowest, highest = part.lowest - margin, part.highest + margin
    if part.scale == LOGARITHMIC:
        value = math.exp(rng.uniform(math.log(lowest), math.log(highest)))
    else:
        value = rng.uniform(lowest, highest)
    # Clamped last: exp() and rounding may lead out of the interval.
    value = round(value) if part.whole else float(f"{value:.6g}")
    value = min(max(value, part.lowest), part.highest)
    return int(value) if part.whole else value
