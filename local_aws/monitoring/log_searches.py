"""Searches of logs, with the filter patterns that moto ignores.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
import re
from functools import lru_cache
from typing import Any

from moto.logs import models
from moto.logs.exceptions import InvalidParameterException
from moto.logs.responses import LogsResponse

# A term, or a phrase in quotation marks; ? and - say how it counts.
_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?=\s|$)')


class Pattern:
    """The terms of a filter pattern."""

    def __init__(self, pattern: str) -> None:
        """Read the terms of a pattern; raise InvalidParameterException if it is wrong."""
        self._terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
        rest = pattern.strip()
        while rest:
            match = _TERM.match(rest)
            if match is None:
                raise InvalidParameterException(
                    f"The filter pattern {pattern!r} is not valid, or not reproduced by the local "
                    "AWS, like those of JSON, columns, and regular expressions. Expected terms, "
                    'such as: ERROR ?WARN -"health check"'
                )
            sign, phrase, word = match.groups()
            self._terms[sign].append(word or re.sub(r"\\(.)", r"\1", phrase))
            rest = rest[match.end() :].lstrip()

    def matches(self, message: str) -> bool:
        """Return whether a message has all plain terms and none with a minus sign.

        If there are only terms with a question mark, one of them is enough; others ignore them.
        """
        found = {sign: [term in message for term in terms] for sign, terms in self._terms.items()}
        if found[""] or found["-"]:
            return all(found[""]) and not any(found["-"])
        return any(found["?"]) or not found["?"]


@lru_cache(maxsize=256)
def _pattern(pattern: str | None) -> Pattern:
    return Pattern(pattern or "")


def install() -> None:
    """Make moto search logs as CloudWatch Logs does."""
    patterns: Any = models
    patterns.EventMessageFilter = _pattern  # of each message
    responses: Any = LogsResponse
    responses.filter_log_events, responses.start_query = _filter_log_events, _start_query


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


def _start_query(self: Any) -> str:
    """Refuse a query of CloudWatch Logs Insights, most of whose commands moto ignores."""
    raise InvalidParameterException(
        "The local AWS does not reproduce queries of logs. FilterLogEvents searches for terms."
    )
