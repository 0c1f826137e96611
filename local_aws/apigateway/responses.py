"""Convert the result of a function to the HTTP response of its API."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from local_aws.apigateway.errors import Refusal, function_failed

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# Headers of the connection, which the gateway sets itself.
_DROPPED = ("connection", "content-length", "transfer-encoding", "keep-alive", "upgrade")
_STATUSES = range(200, 600)  # after 1xx, a client would wait for another response
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class ApiResponse:
    """An HTTP response."""

    status: int
    headers: Headers
    body: bytes


def read_response(payload: bytes, payload_format: str) -> ApiResponse:
    """Return the response in a function's result; raise Refusal if it is malformed."""
    try:
        result = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"is not JSON: {error}") from error
    if isinstance(result, dict) and "statusCode" in result:
        return _structured(result, payload_format)
    if payload_format == "1.0":
        raise _malformed("has no statusCode (payload format 1.0)")
    # In format 2.0, any other JSON is the body itself.
    body = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return ApiResponse(200, [("content-type", _JSON)], _encode(body))


def _malformed(reason: str) -> Refusal:
    return function_failed(f"The result of the function {reason}.")


def _structured(members: dict[str, Any], payload_format: str) -> ApiResponse:
    result = {name: value for name, value in members.items() if value is not None}
    headers = _headers(result.get("headers", {}))
    if payload_format == "1.0":
        repeated = _multi_value(result.get("multiValueHeaders", {}))
        names = {name.lower() for name, _ in repeated}
        headers = [item for item in headers if item[0].lower() not in names] + repeated
    else:
        headers += _cookies(result.get("cookies", []))
    if "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("content-type", _TEXT))
    headers = [item for item in headers if item[0].lower() not in _DROPPED]
    return ApiResponse(_status(result.get("statusCode")), headers, _body(result))


def _status(value: Any) -> int:
    status = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value
    if isinstance(status, bool) or not isinstance(status, int) or status not in _STATUSES:
        raise _malformed(f"has the statusCode {str(value)[:50]!r}")
    return status


def _headers(value: Any) -> Headers:
    if not isinstance(value, dict):
        raise _malformed("has headers that are not a map")
    return [_header(name, item) for name, item in value.items()]


def _header(name: str, value: Any) -> tuple[str, str]:
    text = json.dumps(value) if isinstance(value, bool | int | float) else value
    if not isinstance(text, str) or not _NAME.fullmatch(name) or not _LINE.fullmatch(text):
        raise _malformed(f"has the invalid header {name[:50]!r}")
    return name, text


def _multi_value(value: Any) -> Headers:
    if not isinstance(value, dict) or not all(isinstance(item, list) for item in value.values()):
        raise _malformed("has multiValueHeaders that are not a map of lists")
    return [_header(name, item) for name, items in value.items() for item in items]


def _cookies(value: Any) -> Headers:
    if not isinstance(value, list):
        raise _malformed("has cookies that are not a list")
    return [_header("set-cookie", text) for text in value]


def _body(result: dict[str, Any]) -> bytes:
    body = result.get("body", "")
    if not isinstance(body, str):
        raise _malformed("has a body that is not a string")
    if result.get("isBase64Encoded") is not True:
        return _encode(body)
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise _malformed(f"has a body that is not base64: {error}") from error


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise _malformed(f"is not Unicode text: {error}") from error
