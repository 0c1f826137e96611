"""Which route takes a request, by AWS's rules of precedence.

A path that matches as a whole comes before one with {variables}, and that before a greedy
{proxy+}; a method of its own comes before ANY; $default takes what is left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.integrations import Target

DEFAULT = "$default"
_METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_VARIABLE = re.compile(r"\{([A-Za-z0-9._-]+)(\+?)\}")
_LITERAL, _NAMED, _GREEDY = 0, 1, 2


@dataclass(frozen=True)
class Pattern:
    """A route key, read."""

    route_key: str
    method: str
    parts: tuple[str, ...]

    def ranks(self) -> tuple[int, ...]:
        """Return how exact each part is, the first one first; less is more exact."""
        return tuple(_rank(part) for part in self.parts)


@dataclass(frozen=True)
class Match:
    """A route that takes a request, and the values of its variables."""

    route_key: str
    target: Target
    path_parameters: dict[str, str]


def read_route_key(route_key: str) -> Pattern:
    """Return a route key as a pattern; raise BadRequest if it is none."""
    if route_key == DEFAULT:
        return Pattern(DEFAULT, "ANY", ("{" + DEFAULT.strip("$") + "+}",))
    method, _, path = route_key.partition(" ")
    parts = tuple(path[1:].split("/")) if path.startswith("/") else ()
    if method not in _METHODS or not path.startswith("/"):
        raise BadRequest(
            f"The provided route key is not formatted properly for HTTP protocol: {route_key!r}; "
            "expected $default, or a method and a path such as 'GET /items/{id}'."
        )
    for position, part in enumerate(parts):
        found = _VARIABLE.fullmatch(part)
        if found is None and ("{" in part or "}" in part):
            raise BadRequest(f"The part {part!r} of the route key {route_key!r} is no variable.")
        if found and found[2] and position != len(parts) - 1:
            raise BadRequest(f"Greedy {part!r} must come last in the route key {route_key!r}.")
    return Pattern(route_key, method, parts)


def _rank(part: str) -> int:
    found = _VARIABLE.fullmatch(part)
    if found is None:
        return _LITERAL
    return _GREEDY if found[2] else _NAMED


class Router:
    """The routes of one deployment, the most exact first."""

    def __init__(self, routes: Iterable[tuple[str, Target]]) -> None:
        read = [(read_route_key(route_key), target) for route_key, target in routes]
        self._routes = sorted(read, key=lambda item: _precedence(item[0]))

    def find(self, method: str, path: str) -> Match | None:
        """Return the route that takes a method and a path as it was sent, or None."""
        sent = path.removeprefix("/").split("/")
        parts = [unquote(part) for part in sent]
        for pattern, target in self._routes:
            if pattern.method not in (method, "ANY"):
                continue
            if pattern.route_key == DEFAULT:
                return Match(DEFAULT, target, {})
            values = _values(pattern, parts)
            if values is not None:
                return Match(pattern.route_key, target, values)
        return None


def _precedence(pattern: Pattern) -> tuple[bool, tuple[int, ...], bool, str]:
    return (
        pattern.route_key == DEFAULT,
        pattern.ranks(),
        pattern.method == "ANY",
        pattern.route_key,
    )


def _values(pattern: Pattern, parts: list[str]) -> dict[str, str] | None:
    """Return the variables of a path that a pattern fits, or None if it does not fit."""
    values: dict[str, str] = {}
    for position, part in enumerate(pattern.parts):
        found = _VARIABLE.fullmatch(part)
        if found and found[2]:
            rest = "/".join(parts[position:])
            return {**values, found[1]: rest} if rest else None
        if position >= len(parts):
            return None
        if found:
            if not parts[position]:
                return None
            values[found[1]] = parts[position]
        elif part != parts[position]:
            return None
    return values if len(parts) == len(pattern.parts) else None
