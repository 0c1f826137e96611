"""Write answers: one shape of predictions, one of errors, in the form that the door expects."""

import json
from collections.abc import Sequence
from typing import Any

from lambda_handler.errors import HandlerError, MethodNotAllowed
from lambda_handler.events import HTTP_1, HTTP_2, Request
from lambda_handler.texts import MOST_BYTES, MOST_TEXTS, REQUEST_TYPES

_JSON_HEADERS = {"content-type": "application/json"}


def predictions_of(label_names: Sequence[str], probabilities: Any) -> dict[str, Any]:
    """Return the answer for an array of probabilities, a row a text and a column a label."""
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


def error_of(error: Exception, request_id: str) -> dict[str, Any]:
    """Return what a client is told of an error: a reason of ours, nothing of our own faults."""
    known = isinstance(error, HandlerError)
    return {
        "error": {
            "code": error.code if known else HandlerError.code,  # type: ignore[attr-defined]
            "message": str(error) if known else "the request could not be served",
            "accepted": {
                "content_types": list(REQUEST_TYPES),
                "most_texts": MOST_TEXTS,
                "most_bytes": MOST_BYTES,
            },
            "request_id": request_id,
        }
    }


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error."""
    return error.status if isinstance(error, HandlerError) else HandlerError.status


def respond(request: Request, status: int, content: Any, error: Exception | None = None) -> Any:
    """Return a status and content as the door expects it: an HTTP answer, or the content."""
    if request.door not in (HTTP_1, HTTP_2):
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
