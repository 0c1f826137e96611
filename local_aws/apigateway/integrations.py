"""The function of an integration, and the three forms of its address."""

import re
from dataclasses import dataclass
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.settings import ACCOUNT_ID

_FUNCTION = re.compile(
    r"arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):function:"
    r"(?P<name>[A-Za-z0-9_-]{1,64})(:(?P<qualifier>\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)
_INVOCATIONS = re.compile(
    r"arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(?P<function>.+)/invocations"
)
_FORMATS = ("1.0", "2.0")


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
