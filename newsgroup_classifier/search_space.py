"""Where a search looks: the values or the interval of each hyperparameter that it varies.

The same space serves a search inside one training job and a tuning job of many.
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
    unknown_name,
)

LINEAR, LOGARITHMIC = "linear", "log"
_FORM = "expected NAME=VALUE,VALUE,... or NAME=LOWEST..HIGHEST, and :log behind that if you like"
Candidate = dict[str, Value]


@dataclass(frozen=True)
class Choices:
    """A hyperparameter that takes one of some values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Interval:
    """A number from `lowest` to `highest`, both included, drawn on a linear or a log scale.

    `whole` numbers alone are drawn where it is set.
    """

    name: str
    lowest: float
    highest: float
    scale: str = LINEAR
    whole: bool = False


Range = Choices | Interval
SearchSpace = tuple[Range, ...]


def check_space(space: Sequence[Range], parameters: Sequence[Parameter]) -> None:
    """Raise HyperparameterError unless every range is one of a recipe's hyperparameters."""
    if not space:
        raise HyperparameterError("the search space is empty; expected a range or more")
    known = {parameter.name: parameter for parameter in parameters}
    for place, found in enumerate(space):
        if found.name not in known:
            raise HyperparameterError(unknown_name(found.name, list(known)))
        if found.name in {other.name for other in space[:place]}:
            raise HyperparameterError(f"hyperparameter {found.name} has two ranges; expected one")
        if isinstance(found, Choices):
            _check_choices(found, known[found.name])
        else:
            _check_interval(found, known[found.name])


def _check_choices(found: Choices, parameter: Parameter) -> None:
    if not found.values:
        raise HyperparameterError(f"the range of {found.name} is empty; expected a value or more")
    for value in found.values:
        parameter.parse(_text(value))
    if len(set(found.values)) < len(found.values):
        raise HyperparameterError(f"the range of {found.name} has a value twice")


def _check_interval(found: Interval, parameter: Parameter) -> None:
    if not isinstance(parameter, FloatParameter | IntParameter):
        raise HyperparameterError(
            f"hyperparameter {found.name} is {parameter.expected}, so it has no interval; name its "
            "values with commas between them"
        )
    if found.lowest >= found.highest:
        raise HyperparameterError(
            f"the range of {found.name} goes from {found.lowest:g} to {found.highest:g}; expected "
            "a lowest value below the highest one"
        )
    if found.scale == LOGARITHMIC and found.lowest <= 0:
        raise HyperparameterError(
            f"the range of {found.name} begins at {found.lowest:g}; a log scale needs a lowest "
            "value above 0"
        )
    for end in (found.lowest, found.highest):
        parameter.parse(_text(int(end) if found.whole else end))


def parse_range(text: str, parameters: Sequence[Parameter]) -> Range:
    """Return the range in NAME=A,B,C or NAME=LOWEST..HIGHEST[:log].

    Raises HyperparameterError for another form, an unknown name, and values the parameter refuses.
    """
    name, equals, rest = text.partition("=")
    if not equals or not name:
        raise HyperparameterError(f"the range {text!r} has no name; {_FORM}")
    known = {parameter.name: parameter for parameter in parameters}
    if name not in known:
        raise HyperparameterError(unknown_name(name, list(known)))
    found = _interval(name, rest, known[name]) if ".." in rest else _choices(rest, known[name])
    check_space((found,), parameters)
    return found


def _choices(rest: str, parameter: Parameter) -> Choices:
    if not rest.strip(","):
        return Choices(parameter.name, ())
    return Choices(parameter.name, tuple(parameter.parse(part) for part in rest.split(",")))


def _interval(name: str, rest: str, parameter: Parameter) -> Interval:
    ends, colon, scale = rest.partition(":")
    lowest, _, highest = ends.partition("..")
    if colon and scale not in (LINEAR, LOGARITHMIC):
        raise HyperparameterError(f"the range of {name} has the scale {scale!r}; {_FORM}")
    values = [parameter.parse(end) for end in (lowest, highest)]
    if not isinstance(parameter, FloatParameter | IntParameter):
        raise HyperparameterError(
            f"hyperparameter {name} is {parameter.expected}, so it has no interval; name its "
            "values with commas between them"
        )
    low, high = (float(value) for value in values)
    return Interval(name, low, high, scale or LINEAR, isinstance(parameter, IntParameter))


def check_grid(space: Sequence[Range]) -> None:
    """Raise HyperparameterError for an interval, which no grid walks."""
    for found in space:
        if isinstance(found, Interval):
            raise HyperparameterError(
                f"the range of {found.name} is an interval, which a grid cannot walk; name its "
                "values with commas between them, or search at random"
            )


def grid(space: Sequence[Range]) -> list[Candidate]:
    """Return every combination of the values, the last range changing fastest."""
    check_grid(space)
    lists = [[(found.name, value) for value in found.values] for found in space]  # type: ignore[union-attr]
    return [dict(combination) for combination in itertools.product(*lists)]


def draw(space: Sequence[Range], count: int, seed: int) -> list[Candidate]:
    """Return up to `count` different candidates at random; fewer where there are no more."""
    chooser = random.Random(seed)  # noqa: S311 (nothing secret)
    found: dict[tuple[Value, ...], Candidate] = {}
    for _ in range(20 * count):  # a small space is soon used up
        candidate = {part.name: _drawn(part, chooser) for part in space}
        found.setdefault(tuple(candidate.values()), candidate)
        if len(found) == count:
            break
    return list(found.values())


def _drawn(part: Range, chooser: random.Random) -> Value:
    if isinstance(part, Choices):
        return chooser.choice(part.values)
    if part.scale == LOGARITHMIC:
        value = math.exp(chooser.uniform(math.log(part.lowest), math.log(part.highest)))
    else:
        value = chooser.uniform(part.lowest, part.highest)
    value = min(max(value, part.lowest), part.highest)
    return round(value) if part.whole else float(f"{value:.6g}")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else repr(value)
