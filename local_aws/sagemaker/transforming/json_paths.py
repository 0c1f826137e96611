"""The JSONPath of batch transform's filters, with SageMaker's operators only.

These are `$`, `.name`, `*`, `['a','b']`, `[0,-1]`, `[1:3]`, and indexes mixed with slices, as in
the documentation's own example `$[0,5:]`, which jsonpath-ng cannot parse.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from local_aws.errors import ValidationError

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*'"\s]+) | \.?\* | \.?\[\s*\*\s*\]
      | \.?\[(?P<names>\s*'[^']*'\s*(?:,\s*'[^']*'\s*)*)\]
      | \.?\[(?P<numbers>[-0-9:,\s]+)\]""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?\d{1,9}")
_SLICE = re.compile(r"(-?\d{1,9})?\s*:\s*(-?\d{1,9})?")


class NoMatch(Exception):
    """A path does not match a value; the message does not quote the value."""


@dataclass(frozen=True)
class _Step:
    pick: Callable[[Any], Any]
    several: bool = False  # whether the rest of the path applies to each of the matches


class JsonPath:
    """A parsed path; raises ValidationError for text that is not a path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps: list[_Step] = []
        if not text.startswith("$"):
            raise _invalid_path(text)
        position = 1
        while position < len(text):
            match = _STEP.match(text, position)
            if match is None:
                raise _invalid_path(text)
            self._steps.append(_step(match, text))
            position = match.end()

    @property
    def is_root(self) -> bool:
        """Whether the path selects everything."""
        return not self._steps

    def select(self, value: Any) -> Any:
        """Return the part of a value that the path selects; raise NoMatch if there is none."""
        return _select(value, self._steps)


def _select(value: Any, steps: Sequence[_Step]) -> Any:
    if not steps:
        return value
    matches, rest = steps[0].pick(value), steps[1:]
    if steps[0].several:
        return [_select(item, rest) for item in matches]
    return _select(matches, rest)


def _step(match: re.Match[str], text: str) -> _Step:
    if match["numbers"]:
        parts = [_number(part.strip(), text) for part in match["numbers"].split(",")]
        if len(parts) == 1 and isinstance(parts[0], int):
            return _Step(lambda value: _elements(parts, value)[0])
        return _Step(partial(_elements, parts), several=True)
    names = [match["name"]] if match["name"] else re.findall(r"'([^']*)'", match["names"] or "")
    return _Step(partial(_members, names)) if names else _Step(_all, several=True)


def _members(names: Sequence[str], value: Any) -> Any:
    """Return the only member, or an object with all members of these names."""
    if not isinstance(value, dict):
        raise NoMatch(f"the value with {names[0]!r} is not an object")
    if missing := [name for name in names if name not in value]:
        raise NoMatch(f"there is no {missing[0]!r}")
    return value[names[0]] if len(names) == 1 else {name: value[name] for name in names}


def _elements(parts: Sequence[int | slice], value: Any) -> list[Any]:
    """Return the elements at all indexes and in all slices."""
    if not isinstance(value, list):
        raise NoMatch("the value to index is not an array")
    matches: list[Any] = []
    for part in parts:
        if isinstance(part, slice):
            matches += value[part]
        elif -len(value) <= part < len(value):
            matches.append(value[part])
        else:
            raise NoMatch(f"index {part} is not in an array of {len(value)}")
    return matches


def _all(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        return list(value.values()) if isinstance(value, dict) else value
    raise NoMatch("the value for * is neither an object nor an array")


def _number(part: str, text: str) -> int | slice:
    if _NUMBER.fullmatch(part):
        return int(part)
    match = _SLICE.fullmatch(part)
    if match is None:
        raise _invalid_path(text)
    return slice(*(None if end is None else int(end) for end in match.groups()))


def _invalid_path(text: str) -> ValidationError:
    return ValidationError(
        f"The filter {text!r} is not a JSONPath that SageMaker supports; expected a path such as "
        "$, $.features, $['id','SageMakerOutput'], $[1:], or $[0,5:]."
    )
