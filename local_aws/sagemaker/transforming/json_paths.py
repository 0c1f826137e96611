"""The JSONPath of batch transform's filters, with SageMaker's operators only.

These are `$`, `.name`, `*`, `['a','b']`, `[0,-1]`, `[1:3]`, and indexes mixed with slices, as in
the documentation's own example `$[0,5:]`, which jsonpath-ng cannot parse.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.errors import ValidationError

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*'"\s]+) | \.?(?P<all>\*) | \.?\[\s*\*\s*\](?P<every>)
      | \.?\[(?P<names>\s*'[^']*'\s*(?:,\s*'[^']*'\s*)*)\]
      | \.?\[(?P<numbers>[-0-9:,\s]+)\]""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?\d{1,9}")
_SLICE = re.compile(r"(-?\d{1,9})?\s*:\s*(-?\d{1,9})?")


class NoMatch(Exception):
    """A path does not match a value; the message does not quote the value."""


@dataclass(frozen=True)
class _Names:
    names: tuple[str, ...]

    def pick(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise NoMatch(f"the value with {self.names[0]!r} is not an object")
        missing = [name for name in self.names if name not in value]
        if missing:
            raise NoMatch(f"there is no {missing[0]!r}")
        if len(self.names) == 1:
            return value[self.names[0]]
        return {name: value[name] for name in self.names}


@dataclass(frozen=True)
class _Numbers:
    parts: tuple[int | slice, ...]

    @property
    def several(self) -> bool:
        """Whether the result is a list; a single index selects a single value."""
        return len(self.parts) > 1 or isinstance(self.parts[0], slice)

    def pick(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise NoMatch("the value to index is not an array")
        matches: list[Any] = []
        for part in self.parts:
            if isinstance(part, slice):
                matches += value[part]
            elif -len(value) <= part < len(value):
                matches.append(value[part])
            else:
                raise NoMatch(f"index {part} is not in an array of {len(value)}")
        return matches if self.several else matches[0]


class _All:
    def pick(self, value: Any) -> list[Any]:
        if isinstance(value, dict | list):
            return list(value.values()) if isinstance(value, dict) else value
        raise NoMatch("the value for * is neither an object nor an array")


_Step = _Names | _Numbers | _All


class JsonPath:
    """A parsed path; raises ValidationError for text that is not a path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = _steps(text)

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
    first, rest = steps[0], steps[1:]
    matches = first.pick(value)
    if isinstance(first, _All) or (isinstance(first, _Numbers) and first.several):
        return [_select(item, rest) for item in matches]
    return _select(matches, rest)


def _steps(text: str) -> tuple[_Step, ...]:
    if not text.startswith("$"):
        raise _invalid_path(text)
    steps: list[_Step] = []
    position = 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise _invalid_path(text)
        steps.append(_step(match, text))
        position = match.end()
    return tuple(steps)


def _step(match: re.Match[str], text: str) -> _Step:
    if match["name"]:
        return _Names((match["name"],))
    if match["names"]:
        return _Names(tuple(re.findall(r"'([^']*)'", match["names"])))
    if match["numbers"]:
        return _Numbers(tuple(_number(part.strip(), text) for part in match["numbers"].split(",")))
    return _All()


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
