"""Read the event of an invocation, and build its response.

An event is an HTTP API's (payload 2.0 or 1.0), a warm-up, or plain JSON. NamedTuples and functions
read it, since dataclasses add more to a cold start than they are worth here.
"""

import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lambda_handler.errors import MethodNotAllowed
from lambda_handler.page.assembly import Page
from lambda_handler.texts import MAX_BYTES, MAX_TEXTS, REQUEST_TYPES
from newsgroup_classifier.errors import PayloadTooLarge, RequestError, ServingError

HTTP_2, HTTP_1, DIRECT, WARM_UP = "http 2.0", "http 1.0", "direct", "warm-up"
_SCHEDULERS = ("aws.events", "aws.scheduler")
MAX_RESPONSE_BYTES = 6_000_000  # Lambda's limit is 6 MiB, with the other members of a response
_JSON_HEADERS = {"content-type": "application/json"}
_RETRIED = (429, 503)
_RETRY_SECONDS = 1


class Request(NamedTuple):
    """The request in an event; `paths` are the candidates for its route, the most likely first.

    `body` is the client's body or None; `payload` is the event of a direct invocation.
    """

    source: str
    method: str = ""
    paths: tuple[str, ...] = ()
    content_type: str = ""
    content_encoding: str = ""
    body: Any = None
    is_base64: bool = False
    api_request_id: str | None = None
    payload: Any = None

    def body_bytes(self) -> bytes:
        """Return the bytes of the body, if there is one; raise RequestError for invalid base64."""
        if self.body is None:
            return b""
        if not isinstance(self.body, str):
            kind = type(self.body).__name__
            raise RequestError(f"the event's body has the type {kind}; expected a string or null")
        if self.is_base64:
            try:
                return binascii.a2b_base64(self.body, strict_mode=True)
            except ValueError as error:
                raise RequestError(
                    f"the event declares a base64 body, but it is not valid: {error}"
                ) from None
        # API Gateway sends bytes that are not UTF-8 as base64, so surrogates come from hand-written
        # events only; the reader of texts refuses them with a reason.
        return self.body.encode("utf-8", "surrogatepass")


def read_event(event: Any) -> Request:
    """Return the request in an event; any event that is not from an API is a direct one."""
    if not isinstance(event, dict):
        return Request(DIRECT, payload=event)
    context = event.get("requestContext")
    if isinstance(context, dict):
        http = context.get("http")
        if isinstance(http, dict):
            path = event.get("rawPath") or http.get("path")
            return _http_request(HTTP_2, event, http.get("method"), path)
        if "httpMethod" in event:
            return _http_request(HTTP_1, event, event["httpMethod"], event.get("path"))
    return Request(WARM_UP) if _is_warm_up(event) else Request(DIRECT, payload=event)


def _is_warm_up(event: Mapping[str, Any]) -> bool:
    if len(event) == 1:
        return event.get("warmup") is True
    return event.get("source") in _SCHEDULERS and "detail-type" in event


def _http_request(source: str, event: Mapping[str, Any], method: Any, path: Any) -> Request:
    context = event["requestContext"]
    request_id = context.get("requestId")
    return Request(
        source,
        method=str(method).upper(),
        paths=_paths(str(path), context.get("stage")),
        content_type=_header(event, "content-type"),
        content_encoding=_header(event, "content-encoding"),
        body=event.get("body"),
        is_base64=event.get("isBase64Encoded") is True,
        api_request_id=request_id if isinstance(request_id, str) else None,
    )


def _paths(path: str, stage: Any) -> tuple[str, ...]:
    """Return the path and, if it starts with the name of its stage, the path without it."""
    prefix = f"/{stage}/"
    return (path, path[len(prefix) - 1 :]) if path.startswith(prefix) else (path,)


def _header(event: Mapping[str, Any], name: str) -> str:
    """Return a header, or ""; payload 1.0 preserves the case of the client's header names."""
    headers = event.get("headers")
    for key, value in headers.items() if isinstance(headers, dict) else ():
        if isinstance(key, str) and key.lower() == name and isinstance(value, str):
            return value
    return ""


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
