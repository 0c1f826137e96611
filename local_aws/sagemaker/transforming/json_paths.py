"""The JSONPath of batch transform's filters: SageMaker's operators and no others.

That is `$`, `.name`, `*`, `['a','b']`, `[0,-1]`, `[1:3]`, and indexes mixed with slices, as in
the documentation's own example `$[0,5:]`, which jsonpath-ng does not read.
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
    """A value has nothing where a path looks; says what, without quoting the value."""


@dataclass(frozen=True)
class _Names:
    names: tuple[str, ...]

    def pick(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise NoMatch(f"{self.names[0]!r} is looked for in what is no object")
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
        """Whether they give a list: one index alone gives one value."""
        return len(self.parts) > 1 or isinstance(self.parts[0], slice)

    def pick(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise NoMatch("an index is looked for in what is no array")
        found: list[Any] = []
        for part in self.parts:
            if isinstance(part, slice):
                found += value[part]
            elif -len(value) <= part < len(value):
                found.append(value[part])
            else:
                raise NoMatch(f"index {part} is not in an array of {len(value)}")
        return found if self.several else found[0]


class _All:
    def pick(self, value: Any) -> list[Any]:
        if isinstance(value, dict | list):
            return list(value.values()) if isinstance(value, dict) else value
        raise NoMatch("* is looked for in what is no object or array")


_Step = _Names | _Numbers | _All


class JsonPath:
    """A path, read once; raises ValidationError where it is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = _steps(text)

    @property
    def is_root(self) -> bool:
        """Tell whether the path takes everything."""
        return not self._steps

    def select(self, value: Any) -> Any:
        """Return what the path points at; raise NoMatch where there is nothing."""
        return _select(value, self._steps)


def _select(value: Any, steps: Sequence[_Step]) -> Any:
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    found = first.pick(value)
    if isinstance(first, _All) or (isinstance(first, _Numbers) and first.several):
        return [_select(item, rest) for item in found]
    return _select(found, rest)


def _steps(text: str) -> tuple[_Step, ...]:
    if not text.startswith("$"):
        raise _no_path(text)
    steps: list[_Step] = []
    place = 1
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None:
            raise _no_path(text)
        steps.append(_step(found, text))
        place = found.end()
    return tuple(steps)


def _step(found: re.Match[str], text: str) -> _Step:
    if found["name"]:
        return _Names((found["name"],))
    if found["names"]:
        return _Names(tuple(re.findall(r"'([^']*)'", found["names"])))
    if found["numbers"]:
        return _Numbers(tuple(_number(part.strip(), text) for part in found["numbers"].split(",")))
    return _All()


def _number(part: str, text: str) -> int | slice:
    if _NUMBER.fullmatch(part):
        return int(part)
    found = _SLICE.fullmatch(part)
    if found is None:
        raise _no_path(text)
    start, end = (None if end is None else int(end) for end in found.groups())
    return slice(start, end)


def _no_path(text: str) -> ValidationError:
    return ValidationError(
        f"The filter {text!r} is no JSONPath of SageMaker's; expected one such as $, $.features, "
        "$['id','SageMakerOutput'], $[1:] or $[0,5:]."
    )
