"""Read the event of an invocation: an HTTP API's (payload 2.0 or 1.0), a warm-up, or plain JSON.

NamedTuples and plain functions: a dataclass costs more of the cold start than it gives here.
"""

import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

from lambda_handler.errors import InvalidInput

HTTP_2, HTTP_1, DIRECT, WARM_UP = "http 2.0", "http 1.0", "direct", "warm-up"
_SCHEDULERS = ("aws.events", "aws.scheduler")


class Request(NamedTuple):
    """What an invocation asks for; `paths` are where its route may be, likeliest first.

    `body` is what the client sent, None for nothing; `plain` is the event of a direct invocation.
    """

    door: str
    method: str = ""
    paths: tuple[str, ...] = ()
    content_type: str = ""
    body: Any = None
    is_base64: bool = False
    api_request_id: str | None = None
    plain: Any = None

    def content(self) -> bytes:
        """Return the body's bytes; raise InvalidInput if it is missing or broken base64."""
        if not self.body:
            raise InvalidInput("the body is empty; expected at least one text")
        if not isinstance(self.body, str):
            kind = type(self.body).__name__
            raise InvalidInput(f"the event's body is a {kind}; expected a text or null")
        if self.is_base64:
            try:
                return binascii.a2b_base64(self.body, strict_mode=True)
            except ValueError as error:
                raise InvalidInput(
                    f"the event says that its body is base64, and it is not: {error}"
                ) from None
        # API Gateway hands on bytes that are no UTF-8 as base64, so this is for halves of
        # characters in hand-made events: the reader of texts refuses them by name.
        return self.body.encode("utf-8", "surrogatepass")


def read_event(event: Any) -> Request:
    """Return the request in an event; whatever is no event of an API is a plain one."""
    if not isinstance(event, dict):
        return Request(DIRECT, plain=event)
    context = event.get("requestContext")
    if isinstance(context, dict):
        http = context.get("http")
        if isinstance(http, dict):
            path = event.get("rawPath") or http.get("path")
            return _http(HTTP_2, event, http.get("method"), path)
        if "httpMethod" in event:
            return _http(HTTP_1, event, event["httpMethod"], event.get("path"))
    if _is_warm_up(event):
        return Request(WARM_UP)
    return Request(DIRECT, plain=event)


def _is_warm_up(event: Mapping[str, Any]) -> bool:
    if len(event) == 1:
        return event.get("warmup") is True
    return event.get("source") in _SCHEDULERS and "detail-type" in event


def _http(door: str, event: Mapping[str, Any], method: Any, path: Any) -> Request:
    context = event["requestContext"]
    request_id = context.get("requestId")
    return Request(
        door,
        method=str(method).upper(),
        paths=_paths(str(path), context.get("stage")),
        content_type=_header(event, "content-type"),
        body=event.get("body"),
        is_base64=event.get("isBase64Encoded") is True,
        api_request_id=request_id if isinstance(request_id, str) else None,
    )


def _paths(path: str, stage: Any) -> tuple[str, ...]:
    """Return the path, and the path without the name of its stage where it begins with that."""
    prefix = f"/{stage}/"
    return (path, path[len(prefix) - 1 :]) if path.startswith(prefix) else (path,)


def _header(event: Mapping[str, Any], name: str) -> str:
    """Return a header, empty if it is missing; names come in the client's case in payload 1.0."""
    headers = event.get("headers")
    for key, value in headers.items() if isinstance(headers, dict) else ():
        if isinstance(key, str) and key.lower() == name and isinstance(value, str):
            return value
    return ""
