"""The hyperparameters that a tuning job varies, and their encoding as numbers from 0 to 1.

All values are strings, in the ranges of a request as in the hyperparameters of a training job.
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
_WIDE = 1000.0  # factor between the ends of a range from which Auto is logarithmic
_MAX_RANGES = 30


@dataclass(frozen=True)
class Categories:
    """A hyperparameter with a list of values."""

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

    def has(self, text: str) -> bool:
        """Return whether a string is one of the values."""
        return text in self.values

    def encode(self, text: str) -> list[float]:
        """Return the one-hot encoding of a value."""
        return [float(value == text) for value in self.values]


@dataclass(frozen=True)
class Numbers:
    """A number from `low` to `high` with a scale: Linear, Logarithmic, or ReverseLogarithmic."""

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
        """Return all values of a range of whole numbers."""
        return [str(value) for value in range(int(self.low), int(self.high) + 1)]

    def draw(self, chooser: random.Random) -> str:
        """Return a random number, uniformly distributed on the scale."""
        return self.decode(chooser.random())

    def has(self, text: str) -> bool:
        """Return whether a string is a number in the range."""
        try:
            value = float(text)
        except ValueError:
            return False
        return self.low <= value <= self.high and not (self.whole and value % 1)

    def encode(self, text: str) -> list[float]:
        """Return the position of a number on the scale, from 0 to 1."""
        start, end = self._ends()
        return [(self._scaled(float(text)) - start) / (end - start)]

    def decode(self, position: float) -> str:
        """Return the number at a position on the scale."""
        start, end = self._ends()
        value = self._unscaled(start + position * (end - start))
        if self.whole:
            return str(int(min(max(round(value), self.low), self.high)))
        return repr(min(max(value, self.low), self.high))

    def _ends(self) -> tuple[float, float]:
        """Return the ends of the scale; a whole number extends half a unit to each side."""
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
    if len(names) > _MAX_RANGES:
        raise ValidationError(
            f"There are {len(names)} parameter ranges; the maximum is {_MAX_RANGES}."
        )
    for name in names:
        if names.count(name) > 1:
            raise ValidationError(f"The hyperparameter {name} has more than one range.")
    return tuple(space)


def _categories(item: Mapping[str, Any]) -> Categories:
    values = tuple(item["Values"])
    if len(set(values)) < len(values):
        raise ValidationError(f"The hyperparameter {item['Name']} has the same value twice.")
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
            f"The MinValue of the hyperparameter {name} is {item['MinValue']}, and its MaxValue is "
            f"{item['MaxValue']}; expected a MinValue below the MaxValue."
        )
    if not math.isfinite(high - low):
        raise ValidationError(f"The range of the hyperparameter {name} exceeds the largest number.")
    return Numbers(name, low, high, whole, _scale(item, whole, low, high))


def _scale(item: Mapping[str, str], whole: bool, low: float, high: float) -> str:
    """Return the scale of a range; Auto is logarithmic for a wide range."""
    scale = item.get("ScalingType", "Auto")
    if scale == "Auto":
        return _LOGARITHMIC if low > 0 and high / low >= _WIDE else "Linear"
    if scale == _LOGARITHMIC and low <= 0:
        raise ValidationError(
            f"Logarithmic scaling of the hyperparameter {item['Name']} needs values greater than "
            f"0; its MinValue is {item['MinValue']}."
        )
    if scale == _REVERSE and (whole or low < 0 or high >= 1):
        raise ValidationError(
            f"ReverseLogarithmic scaling of the hyperparameter {item['Name']} needs continuous "
            "values from 0 to less than 1."
        )
    return scale


def combinations(space: Space) -> float:
    """Return the number of candidates, infinity if a range is continuous."""
    return math.prod(dimension.size for dimension in space)


def every(space: Space) -> list[Candidate]:
    """Return every combination; the last hyperparameter changes fastest."""
    lists = [[(dimension.name, text) for text in dimension.listed()] for dimension in space]
    return [dict(combination) for combination in itertools.product(*lists)]


def check_categorical(space: Space) -> None:
    """Raise ValidationError for a range of numbers, which Grid does not support."""
    for dimension in space:
        if not isinstance(dimension, Categories):
            raise ValidationError(
                "The Grid strategy supports categorical parameter ranges only; the hyperparameter "
                f"{dimension.name} has a range of numbers."
            )


def encode(space: Space, candidate: Mapping[str, str]) -> list[float]:
    """Return the concatenated encodings of the hyperparameters of a candidate."""
    return [number for dim in space for number in dim.encode(candidate[dim.name])]


def draw(space: Sequence[Dimension], chooser: random.Random) -> Candidate:
    """Return a random candidate."""
    return {dimension.name: dimension.draw(chooser) for dimension in space}
