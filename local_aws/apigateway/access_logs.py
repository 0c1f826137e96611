"""The access log of a stage: one line a request, in the format that the stage has."""

import re
from collections.abc import Mapping
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.logs import LogStream

_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)")
_GROUP = re.compile(
    r"arn:aws:logs:(?P<region>[a-z0-9-]+):[0-9]{12}:log-group:(?P<name>[.\-_/#A-Za-z0-9]{1,512})"
    r"(:\*)?"
)


class AccessLog:
    """Writes the lines of one stage to its log group."""

    def __init__(self, logs: Any, settings: Mapping[str, str], stream: str) -> None:
        self._format = settings["Format"]
        self._stream = LogStream(logs, group_of(settings["DestinationArn"]), stream)

    def write(self, context: Mapping[str, Any]) -> None:
        """Write the line of one request."""
        self._stream.write(fill(self._format, context))

    def close(self) -> None:
        """Write what is left, and end."""
        self._stream.close()


def check_settings(logs: Any, settings: Mapping[str, str]) -> None:
    """Raise BadRequest unless there is a log group, and a format that names the request."""
    group, line = group_of(settings.get("DestinationArn", "")), settings.get("Format", "")
    if "$context.requestId" not in line and "$context.extendedRequestId" not in line:
        raise BadRequest(
            "Format must contain at least $context.requestId or $context.extendedRequestId."
        )
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if group not in {item["logGroupName"] for item in found}:
        raise BadRequest(f"Invalid ARN specified in the request. There is no log group {group}.")


def group_of(arn: str) -> str:
    """Return the name of the log group of an ARN."""
    found = _GROUP.fullmatch(arn)
    if found is None:
        raise BadRequest(
            f"Invalid ARN specified in the request. {arn!r} is no ARN of a log group, the only "
            "destination that the local AWS reproduces."
        )
    return found["name"]


def fill(line: str, context: Mapping[str, Any]) -> str:
    """Return a line with its variables filled in; what is not known is a dash, as on AWS."""

    def value(found: re.Match[str]) -> str:
        known = context.get(found[1])
        return "-" if known in (None, "") else _one_line(str(known))

    return _VARIABLE.sub(value, line)


def _one_line(text: str) -> str:
    """Return text that can end neither a line nor the JSON that the format may write."""
    return "".join(
        "\\" + c if c in '"\\' else c if c.isprintable() else f"\\u{ord(c):04x}" for c in text
    )
