"""Build responses: one shape for predictions, one for errors, in the form of the event source."""

import json
from collections.abc import Sequence
from typing import Any

from lambda_handler.errors import HandlerError, MethodNotAllowed
from lambda_handler.events import HTTP_1, HTTP_2, Request
from lambda_handler.texts import MAX_BYTES, MAX_TEXTS, REQUEST_TYPES

_JSON_HEADERS = {"content-type": "application/json"}


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


def error_body(error: Exception, request_id: str) -> dict[str, Any]:
    """Return what the client sees of an error: the reason if it is public, no internal details."""
    known = isinstance(error, HandlerError)
    return {
        "error": {
            "code": error.code if known else HandlerError.code,  # type: ignore[attr-defined]
            "message": str(error) if known else "the request could not be served",
            "accepted": {
                "content_types": list(REQUEST_TYPES),
                "most_texts": MAX_TEXTS,
                "most_bytes": MAX_BYTES,
            },
            "request_id": request_id,
        }
    }


def error_status(error: Exception) -> int:
    """Return the HTTP status of an error."""
    return error.status if isinstance(error, HandlerError) else HandlerError.status


def respond(request: Request, status: int, content: Any, error: Exception | None = None) -> Any:
    """Return an HTTP response for an API, and the bare content otherwise."""
    if request.source not in (HTTP_1, HTTP_2):
        return content
    headers = _JSON_HEADERS
    if isinstance(error, MethodNotAllowed):
        headers = headers | {"allow": ", ".join(error.allowed)}
    return {
        "statusCode": status,
        "headers": headers,
        "body": json.dumps(content),
        "isBase64Encoded": False,
    }
