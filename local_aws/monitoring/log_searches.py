"""Searches of logs, with the filter patterns and commands that moto ignores.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from moto.logs import models
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.logs_query import ParsedEvent
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from local_aws.validation import BoundedPattern, InvalidPattern, SlowMatch

# A term, a phrase in quotation marks, or a regular expression; ? and - say how it counts.
_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]+))(?=\s|$)')
_WORD = re.compile(r"\w+")
_QUERIES = ("fields", "limit", "sort @timestamp")  # the commands that moto follows
_GET_LOG_EVENTS, _FIELDS = LogGroup.get_log_events, ParsedEvent._create_fields


class Pattern:
    """The terms of a filter pattern."""

    def __init__(self, pattern: str) -> None:
        """Read the terms of a pattern; raise InvalidParameterException if it is wrong."""
        self._terms: dict[str, list[Callable[[str], bool]]] = {"": [], "?": [], "-": []}
        rest = pattern.strip()
        if rest.startswith(("{", "[")):
            raise InvalidParameterException(
                "The local AWS does not reproduce filter patterns of JSON or of columns; found "
                f'{pattern!r}. Expected terms, such as: ERROR ?WARN -"health check"'
            )
        while rest:
            match = _TERM.match(rest)
            if match is None:
                raise InvalidParameterException("Invalid filter pattern")
            sign, phrase, expression, word = match.groups()
            if word is not None and not _WORD.fullmatch(word):
                raise InvalidParameterException(f"Invalid character(s) in term '{word}'")
            text = re.sub(r"\\(.)", r"\1", phrase) if phrase is not None else word
            self._terms[sign].append(_expression(expression) if expression else _part(text))
            rest = rest[match.end() :].lstrip()

    def matches(self, message: str) -> bool:
        """Return whether a message has all plain terms and none with a minus sign.

        If there are only terms with a question mark, one of them is enough; others ignore them.
        """
        found = {
            sign: [occurs_in(message) for occurs_in in terms] for sign, terms in self._terms.items()
        }
        if found[""] or found["-"]:
            return all(found[""]) and not any(found["-"])
        return any(found["?"]) or not found["?"]


def _part(text: str) -> Callable[[str], bool]:
    return lambda message: text in message


def _expression(text: str) -> Callable[[str], bool]:
    """Return a test for messages with a part that matches a regular expression."""

    def occurs_in(message: str) -> bool:
        try:
            return pattern.matches_part(message)
        except SlowMatch as error:
            raise InvalidParameterException(f"Regular expression '{text}': {error}") from error

    try:
        pattern = BoundedPattern(text)
    except InvalidPattern as error:
        raise InvalidParameterException(f"Invalid regular expression '{text}': {error}") from error
    return occurs_in


@lru_cache(maxsize=256)
def _pattern(pattern: str | None) -> Pattern:
    return Pattern(pattern or "")


def install() -> None:
    """Make moto search logs as CloudWatch Logs does."""
    patterns: Any = models
    patterns.EventMessageFilter = _pattern  # of each message
    responses: Any = LogsResponse
    responses.filter_log_events = _filter_log_events
    groups: Any = LogGroup
    groups.get_log_events = _get_log_events
    results: Any = ParsedEvent
    results._create_fields = _create_fields


def _filter_log_events(self: Any) -> str:
    """Answer FilterLogEvents: the events of all streams, or of those with a prefix, in order."""
    identifier = self._get_param("logGroupIdentifier") or ""  # a name or an ARN
    named = self._get_param("logGroupName") or identifier.rpartition(":log-group:")[2]
    group = self.logs_backend._find_log_group(log_group_name=named.removesuffix(":*"))
    names, prefix = self._get_param("logStreamNames", []), self._get_param("logStreamNamePrefix")
    if names and prefix:
        raise InvalidParameterException(
            "LogStreamNamePrefix and LogStreamNames are mutually exclusive"
        )
    pattern = self._get_param("filterPattern") or ""
    _pattern(pattern)  # an invalid pattern is refused even if there are no events
    if prefix:
        names = [name for name in list(group.streams) if name.startswith(prefix)] or [prefix]
    events, token, searched = self.logs_backend.filter_log_events(
        group.name,
        names,
        self._get_param("startTime"),
        self._get_param("endTime"),
        self._get_param("limit"),
        self._get_param("nextToken"),
        pattern,
        True,  # CloudWatch Logs ignores interleaved, and always orders events by time
    )
    return json.dumps({"events": events, "nextToken": token, "searchedLogStreams": searched})


def _get_log_events(self: Any, log_stream_name: str, *rest: Any) -> Any:
    """Return events of a stream; moto reports a missing stream as a missing group."""
    if log_stream_name not in self.streams:
        raise ResourceNotFoundException("The specified log stream does not exist.")
    return _GET_LOG_EVENTS(self, log_stream_name, *rest)


def check_query(query: str) -> None:
    """Raise InvalidParameterException for a query of CloudWatch Logs Insights that moto ignores."""
    for command in query.split("|"):
        words = command.lower().split()
        if not " ".join(words).startswith(_QUERIES):
            raise InvalidParameterException(
                f"The local AWS does not reproduce {command.strip()!r} in queries; expected "
                f"the commands {', '.join(_QUERIES)}. FilterLogEvents searches for terms."
            )


def _create_fields(self: Any) -> dict[str, Any]:
    """Return the fields of a result, the time as Insights writes it, in UTC."""
    fields: dict[str, Any] = _FIELDS(self)
    if "@timestamp" in fields:
        moment = datetime.fromtimestamp(fields["@timestamp"] / 1000, UTC)
        fields["@timestamp"] = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"
    return fields
