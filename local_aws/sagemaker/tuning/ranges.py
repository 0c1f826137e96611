"""The hyperparameters that a tuning job varies: texts, and where each lies between 0 and 1.

A request gives every number as text, and a training job gets every value as text.
"""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.errors import ValidationError

Candidate = dict[str, str]
_LOGARITHMIC, _REVERSE = "Logarithmic", "ReverseLogarithmic"
_WIDE = 1000.0  # times from the lowest to the highest value, from which Auto is logarithmic
MOST_RANGES = 30


@dataclass(frozen=True)
class Categories:
    """A hyperparameter that takes one of some texts."""

    name: str
    values: tuple[str, ...]

    @property
    def size(self) -> float:
        """How many values there are."""
        return len(self.values)

    def listed(self) -> Sequence[str]:
        """Return all values."""
        return self.values

    def draw(self, chooser: random.Random) -> str:
        """Return one of the values."""
        return chooser.choice(self.values)

    def first(self) -> str:
        """Return a value."""
        return self.values[0]

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the values."""
        return text in self.values

    def encode(self, text: str) -> list[float]:
        """Return a number for each value: 1 for this one, 0 for the others."""
        return [float(value == text) for value in self.values]


@dataclass(frozen=True)
class Numbers:
    """A number from `low` to `high`, drawn on a scale: Linear, Logarithmic, ReverseLogarithmic."""

    name: str
    low: float
    high: float
    whole: bool
    scale: str

    @property
    def size(self) -> float:
        """How many values there are."""
        return self.high - self.low + 1 if self.whole else math.inf

    def listed(self) -> Sequence[str]:
        """Return all values, of whole numbers only."""
        return [str(value) for value in range(int(self.low), int(self.high) + 1)]

    def draw(self, chooser: random.Random) -> str:
        """Return a number, each part of the scale as likely as every other of its length."""
        return self.decode(chooser.random())

    def first(self) -> str:
        """Return a value: the lowest."""
        return self.decode(0.0)

    def has(self, text: str) -> bool:
        """Tell whether a text is a number of the range."""
        try:
            value = float(text)
        except ValueError:
            return False
        return self.low <= value <= self.high and not (self.whole and value % 1)

    def encode(self, text: str) -> list[float]:
        """Return where a number of the range lies on the scale: from 0 to 1."""
        start, end = self._ends()
        return [(self._scaled(float(text)) - start) / (end - start)]

    def decode(self, place: float) -> str:
        """Return the number at a place of the scale."""
        start, end = self._ends()
        value = self._unscaled(start + place * (end - start))
        if self.whole:
            return str(int(min(max(round(value), self.low), self.high)))
        return repr(min(max(value, self.low), self.high))

    def _ends(self) -> tuple[float, float]:
        """Return both ends of the scale; a whole number has half a unit to each of its sides."""
        margin = 0.5 if self.whole else 0.0
        return self._scaled(self.low - margin), self._scaled(self.high + margin)

    def _scaled(self, value: float) -> float:
        if self.scale == _LOGARITHMIC:
            return math.log(value)
        return -math.log1p(-value) if self.scale == _REVERSE else value

    def _unscaled(self, value: float) -> float:
        if self.scale == _LOGARITHMIC:
            return math.exp(value)
        return -math.expm1(-value) if self.scale == _REVERSE else value


Dimension = Categories | Numbers
Space = tuple[Dimension, ...]


def read_space(ranges: Mapping[str, Any]) -> Space:
    """Return the space of a request's ranges; raise ValidationError for one that has no values."""
    space: list[Dimension] = [
        _categories(item) for item in ranges.get("CategoricalParameterRanges", [])
    ]
    for kind, whole in (("IntegerParameterRanges", True), ("ContinuousParameterRanges", False)):
        space += [_numbers(item, whole) for item in ranges.get(kind, [])]
    names = [dimension.name for dimension in space]
    if not names:
        raise ValidationError("A hyperparameter tuning job needs at least one parameter range.")
    if len(names) > MOST_RANGES:
        raise ValidationError(f"There are {len(names)} parameter ranges; at most {MOST_RANGES}.")
    for name in names:
        if names.count(name) > 1:
            raise ValidationError(f"The hyperparameter {name} has more than one range.")
    return tuple(space)


def _categories(item: Mapping[str, Any]) -> Categories:
    values = tuple(item["Values"])
    if len(set(values)) < len(values):
        raise ValidationError(f"The range of the hyperparameter {item['Name']} has a value twice.")
    return Categories(item["Name"], values)


def _numbers(item: Mapping[str, str], whole: bool) -> Numbers:
    name, kind = item["Name"], "whole number" if whole else "number"
    ends = []
    for end in ("MinValue", "MaxValue"):
        try:
            value = float(int(item[end]) if whole else item[end])
        except (ValueError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            raise ValidationError(
                f"The {end} of the hyperparameter {name} is {item[end]!r}; expected a {kind}."
            )
        ends.append(value)
    low, high = ends
    if low >= high:
        raise ValidationError(
            f"The MinValue of the hyperparameter {name} is {item['MinValue']}, its MaxValue "
            f"{item['MaxValue']}; expected a MinValue below the MaxValue."
        )
    if not math.isfinite(high - low):
        raise ValidationError(f"The range of the hyperparameter {name} is wider than any number.")
    return Numbers(name, low, high, whole, _scale(item, whole, low, high))


def _scale(item: Mapping[str, str], whole: bool, low: float, high: float) -> str:
    """Return the scale of a range; Auto is logarithmic where the range is wide."""
    asked = item.get("ScalingType", "Auto")
    if asked == "Auto":
        return _LOGARITHMIC if low > 0 and high / low >= _WIDE else "Linear"
    if asked == _LOGARITHMIC and low <= 0:
        raise ValidationError(
            f"Logarithmic scaling of the hyperparameter {item['Name']} needs values greater than "
            f"0, and its MinValue is {item['MinValue']}."
        )
    if asked == _REVERSE and (whole or low < 0 or high >= 1):
        raise ValidationError(
            f"ReverseLogarithmic scaling of the hyperparameter {item['Name']} needs continuous "
            "values from 0 to less than 1."
        )
    return asked


def combinations(space: Space) -> float:
    """Return how many candidates there are, infinity where a range is continuous."""
    return math.prod(dimension.size for dimension in space)


def every(space: Space) -> list[Candidate]:
    """Return every combination, the last hyperparameter changing fastest."""
    lists = [[(dimension.name, text) for text in dimension.listed()] for dimension in space]
    return [dict(combination) for combination in itertools.product(*lists)]


def check_categorical(space: Space) -> None:
    """Raise ValidationError for a range of numbers, which no grid walks."""
    for dimension in space:
        if not isinstance(dimension, Categories):
            raise ValidationError(
                "The Grid strategy takes categorical parameter ranges only, and the "
                f"hyperparameter {dimension.name} has a range of numbers."
            )


def encode(space: Space, candidate: Mapping[str, str]) -> list[float]:
    """Return a candidate as numbers, the parts of all its hyperparameters one after the other."""
    return [part for dim in space for part in dim.encode(candidate[dim.name])]


def draw(space: Sequence[Dimension], chooser: random.Random) -> Candidate:
    """Return a candidate at random."""
    return {dimension.name: dimension.draw(chooser) for dimension in space}
