"""A call of a function, and the check of its payload."""

import json
import uuid
from dataclasses import dataclass, field

from local_aws.awslambda.errors import InvalidRequestContent, RequestTooLarge

MAX_REQUEST_BYTES = 6_291_456
MAX_EVENT_BYTES = 1_048_576  # of an asynchronous call; 262,144 until October 2025


@dataclass(frozen=True)
class Call:
    """One call; the name may be an ARN, and the qualifier a version or an alias."""

    name: str
    qualifier: str | None
    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Outcome:
    """The response or error of a function, and the end of its log."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: bytes


def check_payload(payload: bytes, max_bytes: int = MAX_REQUEST_BYTES) -> None:
    """Raise an error unless a payload is JSON within the limit; an empty one counts as {}."""
    if len(payload) > max_bytes:
        raise RequestTooLarge(
            f"Request must be smaller than {max_bytes} bytes for the InvokeFunction operation"
        )
    try:
        json.loads((payload or b"{}").decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise not_json(error) from error


def not_json(error: Exception) -> InvalidRequestContent:
    """Return the error for a body that is not JSON."""
    return InvalidRequestContent(f"Could not parse request body into json: {error}")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")  # Python would read it
