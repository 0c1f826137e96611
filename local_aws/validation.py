"""Check a request against botocore's service model as the service itself does.

botocore's own validator covers required members, unknown members, types, and minimum lengths.
This module adds the patterns, enumerations, and maximum sizes that only the service checks.

Regular expressions in a request are matched in bounded time: one such as `(a+)+$` takes longer than
anybody can wait for some texts. Python's own module cannot be interrupted and stops all threads of
the process meanwhile; regex does neither.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import regex
from botocore.model import Shape
from botocore.validate import ParamValidator

from local_aws.errors import ValidationError

SECONDS = 1.0  # for one text; an ordinary expression takes microseconds
_LARGEST = {"integer": 2**31 - 1, "long": 2**63 - 1, "float": 3.4028235e38, "double": 1.7976931e308}
# JSON can contain lone surrogates, and NUL, which no environment variable can hold.
_NO_TEXT = re.compile("[\ud800-\udfff\0]")


class _Validator(ParamValidator):
    """Accepts only numbers as times, as in JSON; botocore's own also accepts text."""

    def _type_check_datetime(self, value: Any) -> bool:
        try:
            datetime.fromtimestamp(value, UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            return False
        return True


def validate(request: Any, shape: Shape) -> None:
    """Raise ValidationError, which names every violation, unless the request fits the shape."""
    if not isinstance(request, dict):
        raise ValidationError("The request body must be a JSON object.")
    report = _Validator().validate(request, shape)
    if report.has_errors():
        raise ValidationError(report.generate_report())
    violations = list(_violations(request, shape, ""))
    if violations:
        count = len(violations)
        noun = "error" if count == 1 else "errors"
        raise ValidationError(f"{count} validation {noun} detected: " + "; ".join(violations))


def _violations(value: Any, shape: Shape, path: str) -> Iterator[str]:
    check = _CHECKS.get(shape.type_name)
    if check is not None:
        yield from check(value, shape, path)


def _structure_violations(value: dict[str, Any], shape: Shape, path: str) -> Iterator[str]:
    for name, member in value.items():
        if member is not None:
            inner = name[0].lower() + name[1:]
            yield from _violations(member, shape.members[name], f"{path}.{inner}".lstrip("."))


def _list_violations(value: list[Any], shape: Shape, path: str) -> Iterator[str]:
    yield from _size_violations(len(value), value, shape, path)
    for index, item in enumerate(value, start=1):
        yield from _violations(item, shape.member, f"{path}.{index}.member")


def _map_violations(value: dict[str, Any], shape: Shape, path: str) -> Iterator[str]:
    yield from _size_violations(len(value), value, shape, path)
    for key, item in value.items():
        yield from _violations(key, shape.key, f"{path}.key")
        yield from _violations(item, shape.value, f"{path}.{key}.member")


def _number_violations(value: float, shape: Shape, path: str) -> Iterator[str]:
    highest = shape.metadata.get("max")
    largest = _LARGEST[shape.type_name]
    if not -largest <= value <= largest:  # false for NaN, too
        yield _violation(value, path, f"be a number of type {shape.type_name}")
    elif highest is not None and value > highest:
        yield _violation(value, path, f"have value less than or equal to {highest}")


def _string_violations(value: str, shape: Shape, path: str) -> Iterator[str]:
    yield from _size_violations(len(value), value, shape, path)
    if _NO_TEXT.search(value):
        yield _violation(ascii(value), path, "be Unicode text without NUL")
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        yield _violation(value, path, f"satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    compiled = _compile(pattern) if pattern else None
    if compiled and not compiled.fullmatch(value):
        yield _violation(value, path, f"satisfy regular expression pattern: {pattern}")


def _size_violations(size: int, value: Any, shape: Shape, path: str) -> Iterator[str]:
    highest = shape.metadata.get("max")
    if highest is not None and size > highest:
        yield _violation(value, path, f"have length less than or equal to {highest}")


def _violation(value: Any, path: str, rule: str) -> str:
    shown = str(value) if len(str(value)) <= 200 else str(value)[:200] + "..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {rule}"


@lru_cache(maxsize=512)
def _compile(pattern: str) -> Any:
    """Compile a pattern of the model; return None for the few in Java syntax that regex refuses."""
    try:
        return regex.compile(pattern, regex.DOTALL)
    except regex.error:
        return None


_CHECKS: dict[str, Callable[[Any, Shape, str], Iterator[str]]] = {
    "structure": _structure_violations,
    "list": _list_violations,
    "map": _map_violations,
    "string": _string_violations,
    **dict.fromkeys(_LARGEST, _number_violations),
}


class InvalidPattern(Exception):
    """A text is not a regular expression."""


class SlowMatch(Exception):
    """Matching a text takes too long."""

    def __init__(self) -> None:
        super().__init__(
            f"matching was stopped after {SECONDS:g} s, because nested repetitions such as (a+)+ "
            "take exponential time; simplify it"
        )


class BoundedPattern:
    """A compiled expression; raises InvalidPattern with the reason if it cannot be compiled."""

    def __init__(self, text: str) -> None:
        try:
            self._pattern = regex.compile(text)
        except (regex.error, ValueError, OverflowError, RecursionError, MemoryError) as error:
            raise InvalidPattern(str(error) or type(error).__name__) from error

    def matches_all(self, text: str) -> bool:
        """Return whether the whole text matches; raise SlowMatch if that takes too long."""
        try:
            return self._pattern.fullmatch(text, concurrent=True, timeout=SECONDS) is not None
        except TimeoutError:
            raise SlowMatch from None

    def first_group(self, text: str) -> str | None:
        """Return the first group of the first match, if any; raise SlowMatch after a second."""
        try:
            match = self._pattern.search(text, concurrent=True, timeout=SECONDS)
        except TimeoutError:
            raise SlowMatch from None
        return match[1] if match is not None and self._pattern.groups else None
