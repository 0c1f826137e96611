"""The access log of a stage: one line per request, in the stage's format."""

import re
from collections.abc import Mapping
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.logs import LogStream

_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)")
_GROUP = re.compile(
    r"arn:aws:logs:[a-z0-9-]+:[0-9]{12}:log-group:(?P<name>[.\-_/#A-Za-z0-9]{1,512})(:\*)?"
)


def open_log(region: str, settings: Mapping[str, str], stream: str) -> LogStream:
    """Return the log stream of a stage."""
    return LogStream(region, _group_of(settings["DestinationArn"]), stream)


def check_settings(logs: Any, settings: Mapping[str, str]) -> None:
    """Raise BadRequest unless the log group exists and the format contains the request id."""
    group, line = _group_of(settings.get("DestinationArn", "")), settings.get("Format", "")
    if "$context.requestId" not in line and "$context.extendedRequestId" not in line:
        raise BadRequest(
            "Format must contain at least $context.requestId or $context.extendedRequestId."
        )
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if group not in {item["logGroupName"] for item in groups}:
        raise BadRequest(
            f"Invalid ARN specified in the request. The log group {group} does not exist."
        )


def _group_of(arn: str) -> str:
    match = _GROUP.fullmatch(arn)
    if match is None:
        raise BadRequest(
            f"Invalid ARN specified in the request. {arn!r} is not the ARN of a log group, which "
            "is the only destination that the local AWS reproduces."
        )
    return match["name"]


def fill(line: str, context: Mapping[str, Any]) -> str:
    """Return a line with its variables filled in; as on AWS, an unknown one becomes a dash."""

    def value(match: re.Match[str]) -> str:
        known = context.get(match[1])
        return "-" if known in (None, "") else _escape(str(known))

    return _VARIABLE.sub(value, line)


def _escape(text: str) -> str:
    """Return text that cannot end the line, or the JSON that the format may contain."""
    return "".join(
        "\\" + c if c in '"\\' else c if c.isprintable() else f"\\u{ord(c):04x}" for c in text
    )
