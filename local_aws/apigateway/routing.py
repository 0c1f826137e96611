"""The functions behind the routes of an API, and the route of a request by AWS's precedence.

A literal part of a path comes before a {variable}, and that before a greedy {proxy+}; a specific
method comes before ANY; $default takes what no other route takes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.security.guards import Guard
from local_aws.settings import ACCOUNT_ID

_FUNCTION = re.compile(
    r"arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):function:"
    r"(?P<name>[A-Za-z0-9_-]{1,64})(:(?P<qualifier>\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)
_INVOCATIONS = re.compile(
    r"arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(?P<function>.+)/invocations"
)
_FORMATS = ("1.0", "2.0")
DEFAULT = "$default"
_METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_VARIABLE = re.compile(r"\{([A-Za-z0-9._-]+)(\+?)\}")


@dataclass(frozen=True)
class Target:
    """A function, or one of its versions or aliases, and how it is invoked."""

    name: str
    qualifier: str | None
    payload_format: str
    timeout_seconds: float


def read_target(integration: dict[str, Any], region: str) -> Target:
    """Return the target of an integration; raise BadRequest unless it is a function here."""
    uri = integration.get("IntegrationUri", "")
    invocations = _INVOCATIONS.fullmatch(uri)
    match = _FUNCTION.fullmatch(invocations["function"] if invocations else uri)
    if match is None:
        raise BadRequest(
            f"Invalid integration URI specified: {uri!r} is not the ARN of a Lambda function."
        )
    if (match["region"], match["account"]) != (region, ACCOUNT_ID):
        raise BadRequest(
            f"The local AWS does not reproduce a function of another region or account: {uri}."
        )
    payload_format = integration.get("PayloadFormatVersion")
    if payload_format not in _FORMATS:
        raise BadRequest(
            "PayloadFormatVersion is a required parameter for AWS_PROXY integration; expected one "
            f"of {', '.join(_FORMATS)}, got {payload_format!r}."
        )
    milliseconds = integration.get("TimeoutInMillis", 30_000)
    return Target(match["name"], match["qualifier"], payload_format, milliseconds / 1000)


@dataclass(frozen=True)
class Pattern:
    """A parsed route key."""

    route_key: str
    method: str
    parts: tuple[str, ...]

    def precedence(self) -> tuple[bool, list[int], bool, str]:
        """Return a sort key that puts the most specific route first."""
        ranks = [_rank(part) for part in self.parts]
        return self.route_key == DEFAULT, ranks, self.method == "ANY", self.route_key


@dataclass(frozen=True)
class Match:
    """The route of a request, and the values of its variables."""

    route_key: str
    target: Target
    path_parameters: dict[str, str]
    guard: Guard | None = None


def read_route_key(route_key: str) -> Pattern:
    """Return a route key as a pattern; raise BadRequest if it is malformed."""
    if route_key == DEFAULT:
        return Pattern(DEFAULT, "ANY", ())
    method, _, path = route_key.partition(" ")
    if method not in _METHODS or not path.startswith("/"):
        raise BadRequest(
            f"The provided route key is not formatted properly for HTTP protocol: {route_key!r}; "
            "expected $default, or a method and a path such as 'GET /items/{id}'."
        )
    parts = tuple(path[1:].split("/"))
    for position, part in enumerate(parts):
        variable = _VARIABLE.fullmatch(part)
        if variable is None and ("{" in part or "}" in part):
            raise BadRequest(
                f"The part {part!r} of the route key {route_key!r} is not a valid variable."
            )
        if variable and variable[2] and position != len(parts) - 1:
            raise BadRequest(f"Greedy {part!r} must come last in the route key {route_key!r}.")
    return Pattern(route_key, method, parts)


def _rank(part: str) -> int:
    """Return 0 for a literal part, 1 for a variable, and 2 for a greedy variable."""
    variable = _VARIABLE.fullmatch(part)
    return 0 if variable is None else 1 + bool(variable[2])


class Router:
    """The routes of an API, the most specific first."""

    def __init__(self, routes: Iterable[tuple[str, Target, Guard | None]] = ()) -> None:
        patterns = [(read_route_key(key), target, guard) for key, target, guard in routes]
        self._routes = sorted(patterns, key=lambda item: item[0].precedence())

    def find(self, method: str, path: str) -> Match | None:
        """Return the route of a method and an encoded path, or None."""
        parts = [unquote(part) for part in path.removeprefix("/").split("/")]
        for pattern, target, guard in self._routes:
            values = _values(pattern, parts) if pattern.method in (method, "ANY") else None
            if values is not None:
                return Match(pattern.route_key, target, values, guard)
        return None


def _values(pattern: Pattern, parts: list[str]) -> dict[str, str] | None:
    """Return the variables of a path that matches a pattern, or None if it does not match."""
    values: dict[str, str] = {}
    if pattern.route_key == DEFAULT:
        return values
    for position, part in enumerate(pattern.parts):
        variable = _VARIABLE.fullmatch(part)
        if variable and variable[2]:
            rest = "/".join(parts[position:])
            return {**values, variable[1]: rest} if rest else None
        if position >= len(parts):
            return None
        if variable:
            if not parts[position]:
                return None
            values[variable[1]] = parts[position]
        elif part != parts[position]:
            return None
    return values if len(parts) == len(pattern.parts) else None
