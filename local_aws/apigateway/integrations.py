"""Which function an integration invokes: the three ways of writing its address."""

import re
from dataclasses import dataclass
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.settings import ACCOUNT_ID

_FUNCTION = re.compile(
    r"(?P<whole>arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):function:"
    r"(?P<name>[A-Za-z0-9_-]{1,64}))(:(?P<qualifier>\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)
_INVOCATIONS = re.compile(
    r"arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(?P<function>.+)/invocations"
)
FORMATS = ("1.0", "2.0")
MOST_MILLISECONDS = 30_000


@dataclass(frozen=True)
class Target:
    """A function, or one of its versions or aliases, and how it is called."""

    name: str
    qualifier: str | None
    payload_format: str
    timeout_seconds: float


def read_target(integration: dict[str, Any], region: str) -> Target:
    """Return what an integration invokes; raise BadRequest if it is no function of the region."""
    uri = integration.get("IntegrationUri", "")
    wrapped = _INVOCATIONS.fullmatch(uri)
    found = _FUNCTION.fullmatch(wrapped["function"] if wrapped else uri)
    if found is None:
        raise BadRequest(f"Invalid integration URI specified: {uri!r} is no Lambda function's ARN.")
    if (found["region"], found["account"]) != (region, ACCOUNT_ID):
        raise BadRequest(
            f"The local AWS does not reproduce a function of another region or account: {uri}."
        )
    payload_format = integration.get("PayloadFormatVersion")
    if payload_format not in FORMATS:
        raise BadRequest(
            "PayloadFormatVersion is a required parameter for AWS_PROXY integration; expected one "
            f"of {', '.join(FORMATS)}, got {payload_format!r}."
        )
    milliseconds = integration.get("TimeoutInMillis", MOST_MILLISECONDS)
    if not 50 <= milliseconds <= MOST_MILLISECONDS:
        raise BadRequest(
            f"Timeout should be between 50 ms and {MOST_MILLISECONDS} ms, got {milliseconds}."
        )
    return Target(found["name"], found["qualifier"], payload_format, milliseconds / 1000)
