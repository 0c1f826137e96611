"""Build responses: one shape for predictions, one for errors, in the form of the event source."""

import json
from collections.abc import Sequence
from typing import Any

from lambda_handler.errors import MethodNotAllowed
from lambda_handler.events import HTTP_1, HTTP_2, Request
from lambda_handler.page.assembly import Page
from lambda_handler.texts import MAX_BYTES, MAX_TEXTS, REQUEST_TYPES
from newsgroup_classifier.errors import PayloadTooLarge, ServingError

MAX_RESPONSE_BYTES = 6_000_000  # Lambda's limit is 6 MiB, with the other members of a response
_JSON_HEADERS = {"content-type": "application/json"}
_RETRIED = (429, 503)
_RETRY_SECONDS = 1


def predictions_body(label_names: Sequence[str], probabilities: Any) -> dict[str, Any]:
    """Return the body for an array of probabilities, one row per text and one column per label."""
    best = probabilities.argmax(axis=1).tolist()
    return {
        "predictions": [
            {
                "label": label_names[index],
                "probability": row[index],
                "probabilities": dict(zip(label_names, row, strict=True)),
            }
            for index, row in zip(best, probabilities.tolist(), strict=True)
        ]
    }


def public_error(error: Exception) -> ServingError:
    """Return the error for the client: the error itself, or one without internal details."""
    if isinstance(error, ServingError):
        return error
    return ServingError("the request could not be served")


def error_body(error: ServingError, request_id: str) -> dict[str, Any]:
    """Return the body of an error response."""
    return {
        "error": {
            "code": error.code,
            "message": str(error),
            "accepted": {
                "content_types": list(REQUEST_TYPES),
                "most_texts": MAX_TEXTS,
                "most_bytes": MAX_BYTES,
            },
            "request_id": request_id,
        }
    }


def respond(request: Request, status: int, content: Any, error: Exception | None = None) -> Any:
    """Return an HTTP response for an API, and the bare content otherwise.

    Raise PayloadTooLarge for predictions that Lambda would not return.
    """
    if request.source not in (HTTP_1, HTTP_2):
        return content
    if isinstance(content, Page):
        return _response(status, content.headers, content.body)
    headers = _JSON_HEADERS
    if isinstance(error, MethodNotAllowed):
        headers = headers | {"allow": ", ".join(error.allowed)}
    if status in _RETRIED:
        headers = headers | {"retry-after": str(_RETRY_SECONDS)}
    body = json.dumps(content)
    size = len(body) + body.count('"') + body.count("\\")  # as a string in Lambda's JSON
    if error is None and size > MAX_RESPONSE_BYTES:
        raise PayloadTooLarge(
            f"the response has {size:,} bytes; expected at most {MAX_RESPONSE_BYTES:,}. "
            "Send fewer texts."
        )
    return _response(status, headers, body)


def _response(status: int, headers: dict[str, str], body: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}
