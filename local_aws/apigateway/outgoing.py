"""What a function answered, as the HTTP answer it stands for."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from local_aws.apigateway.errors import function_failed

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# Of the connection, which is the gateway's own business.
_KEPT_BACK = ("connection", "content-length", "transfer-encoding", "keep-alive", "upgrade")
_STATUSES = range(200, 600)  # after 1xx a client goes on waiting for the answer
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Outgoing:
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def read_answer(payload: bytes, payload_format: str) -> Outgoing:
    """Return the answer of a function; raise Refusal if it is malformed."""
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise function_failed(f"The function's answer is not JSON: {error}") from error
    if isinstance(answer, dict) and "statusCode" in answer:
        return _structured(answer, payload_format)
    if payload_format == "1.0":
        raise function_failed("The function's answer has no statusCode (payload format 1.0).")
    # Format 2.0 takes any other JSON for the body itself.
    body = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return Outgoing(200, [("content-type", _JSON)], _encode(body))


def _structured(answer: dict[str, Any], payload_format: str) -> Outgoing:
    headers = _headers(answer.get("headers"))
    if payload_format == "1.0":
        several = _multi_value(answer.get("multiValueHeaders"))
        names = {name.lower() for name, _ in several}
        headers = [item for item in headers if item[0].lower() not in names] + several
    else:
        headers += [("set-cookie", text) for text in _cookies(answer.get("cookies"))]
    if "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("content-type", _TEXT))
    kept = [item for item in headers if item[0].lower() not in _KEPT_BACK]
    return Outgoing(_status(answer["statusCode"]), kept, _body(answer))


def _status(given: Any) -> int:
    if isinstance(given, str) and given.isascii() and given.isdecimal():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or given not in _STATUSES:
        raise function_failed(f"The statusCode of the function's answer is {str(given)[:50]!r}.")
    return given


def _headers(given: Any) -> list[tuple[str, str]]:
    if given is None:
        return []
    if not isinstance(given, dict):
        raise function_failed("The headers of the function's answer are no map.")
    return [_header(name, value) for name, value in given.items()]


def _header(name: str, value: Any) -> tuple[str, str]:
    text = json.dumps(value) if isinstance(value, bool | int | float) else value
    if not isinstance(text, str) or not _NAME.fullmatch(name) or not _LINE.fullmatch(text):
        raise function_failed(f"The header {name[:50]!r} of the function's answer is none.")
    return name, text


def _multi_value(given: Any) -> list[tuple[str, str]]:
    if given is None:
        return []
    if not isinstance(given, dict) or not all(isinstance(item, list) for item in given.values()):
        raise function_failed("The multiValueHeaders of the function's answer are no map of lists.")
    return [_header(name, value) for name, values in given.items() for value in values]


def _cookies(given: Any) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise function_failed("The cookies of the function's answer are no list.")
    return [_header("set-cookie", text)[1] for text in given]


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise function_failed("The body of the function's answer is no string.")
    if answer.get("isBase64Encoded") is not True:
        return _encode(body)
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise function_failed(f"The body of the answer is not base64: {error}") from error


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise function_failed(f"The function's answer is no Unicode text: {error}") from error
