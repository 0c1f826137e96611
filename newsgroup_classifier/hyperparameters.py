"""Hyperparameters of a recipe: their names, ranges and defaults, and how they are parsed.

Values arrive as text, spelled by whichever launcher runs the job.
"""

import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameter_names import hint

Value = float | int | str
# The values of a recipe's hyperparameters by name, each of its parameter's type.
Hyperparameters = Mapping[str, Any]

# Python's float() also accepts spaces, underscores, and the digits of all scripts.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parameter:
    """A hyperparameter: its name, default and meaning, and the name that it had before, if any."""

    name: str
    default: Any
    help: str
    was: str = field(default="", kw_only=True)

    @property
    def expected(self) -> str:
        """The valid values in words."""
        raise NotImplementedError

    def parse(self, text: str) -> Any:
        """Return the value in a text; raise HyperparameterError if it is not valid."""
        raise NotImplementedError

    def check(self, value: Value) -> None:
        """Raise HyperparameterError if a value is not valid."""
        self.parse(value if isinstance(value, str) else repr(value))

    def _refusal(self, text: str, more: str = "") -> HyperparameterError:
        return HyperparameterError(
            f"hyperparameter {self.name} is {text!r}; expected {self.expected}{more}"
        )


@dataclass(frozen=True)
class FloatParameter(Parameter):
    """A number above `above` (exclusive), from `lowest` up, and at most `highest`."""

    above: float = -math.inf
    highest: float = math.inf
    lowest: float = -math.inf

    @property
    def expected(self) -> str:
        """The range in words."""
        parts = ["a number"]
        if self.above > -math.inf:
            parts.append(f"above {self.above:g}")
        if self.lowest > -math.inf:
            parts.append(f"from {self.lowest:g}")
        if self.highest < math.inf:
            parts.append(f"up to {self.highest:g}")
        return " ".join(parts)

    def parse(self, text: str) -> float:
        """Return the number in a text; raise HyperparameterError if it is out of range."""
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if self.above < value <= self.highest and self.lowest <= value and math.isfinite(value):
            return value
        raise self._refusal(text, f", such as {self.default:g}")


@dataclass(frozen=True)
class IntParameter(Parameter):
    """A whole number from `lowest` to `highest`."""

    lowest: int
    highest: int

    @property
    def expected(self) -> str:
        """The range in words."""
        return f"a whole number from {self.lowest} to {self.highest}"

    def parse(self, text: str) -> int:
        """Return the whole number in a text; raise HyperparameterError if it is out of range."""
        if _WHOLE.fullmatch(text) and self.lowest <= int(text) <= self.highest:
            return int(text)
        raise self._refusal(text, f", such as {self.default}")


@dataclass(frozen=True)
class ChoiceParameter(Parameter):
    """One of a few words."""

    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The choices in words."""
        return f"one of {', '.join(self.choices)}"

    def parse(self, text: str) -> str:
        """Return the text; raise HyperparameterError if it is not one of the choices."""
        if text in self.choices:
            return text
        raise self._refusal(text)


@dataclass(frozen=True)
class WholeNumbersParameter(Parameter):
    """One to nine different whole numbers separated by commas, from `lowest` to `highest`.

    The value stays a text, which `whole_numbers` reads: hyperparameters are scalars everywhere.
    """

    lowest: int
    highest: int

    @property
    def expected(self) -> str:
        """The range in words."""
        return f"up to 9 whole numbers from {self.lowest} to {self.highest}, such as {self.default}"

    def parse(self, text: str) -> str:
        """Return the numbers as text; raise HyperparameterError if one is out of range."""
        parts = text.split(",")
        good = all(
            _WHOLE.fullmatch(part) and self.lowest <= int(part) <= self.highest for part in parts
        )
        if good and len(parts) <= 9 and len({int(part) for part in parts}) == len(parts):
            return ",".join(str(int(part)) for part in parts)
        raise self._refusal(text, ", without duplicates")


def whole_numbers(value: Value) -> list[int]:
    """Return the numbers in the value of a WholeNumbersParameter."""
    return [int(part) for part in str(value).split(",")]


def describe_parameters(parameters: Sequence[Parameter]) -> str:
    """Return one line per parameter: its name, default, meaning and range."""
    return "\n".join(
        f"  {each.name} ({each.default}): {each.help}; "
        f"{each.expected}{each.was and f' (formerly {each.was})'}"
        for each in parameters
    )


def chosen(hyperparameters: Hyperparameters, *names: str) -> dict[str, Any]:
    """Return some hyperparameters, which an estimator takes under the same names."""
    return {name: hyperparameters[name] for name in names}


def default_values(parameters: Sequence[Parameter]) -> dict[str, Value]:
    """Return the default of every parameter."""
    return {parameter.name: parameter.default for parameter in parameters}


def find_parameter(
    name: str, parameters: Sequence[Parameter], flags: Sequence[str] = ()
) -> Parameter:
    """Return the parameter of a name, or of its former name, which is logged with the new one.

    Raises HyperparameterError for an unknown name, with the name that was probably meant; `flags`
    are further names that are known where the hyperparameter was set.
    """
    for parameter in parameters:
        if name == parameter.name:
            return parameter
    for parameter in parameters:
        if name == parameter.was:
            log.warning("hyperparameter %s is now called %s", name, parameter.name)
            return parameter
    known = dict.fromkeys(flags, "") | {each.name: each.was for each in parameters}
    raise HyperparameterError(
        f"unknown hyperparameter {name!r}{hint(name, known)} (known: {', '.join(known)})"
    )


def rename_overrides(
    overrides: Mapping[str, str], parameters: Sequence[Parameter], flags: Sequence[str] = ()
) -> dict[str, str]:
    """Return overrides under the present names; raise HyperparameterError for an unknown one."""
    renamed: dict[str, str] = {}
    for name, text in overrides.items():
        present = find_parameter(name, parameters, flags).name
        if present in renamed:
            raise HyperparameterError(f"hyperparameter {present} is set twice")
        renamed[present] = text
    return renamed


def parse_hyperparameters(
    overrides: Mapping[str, str], parameters: Sequence[Parameter], flags: Sequence[str] = ()
) -> dict[str, Value]:
    """Return the value of every parameter: that of the overrides, or its default.

    Raises HyperparameterError for a value out of range and for an unknown name.
    """
    renamed = rename_overrides(overrides, parameters, flags)
    known = {parameter.name: parameter for parameter in parameters}
    return default_values(parameters) | {
        name: known[name].parse(text) for name, text in renamed.items()
    }
