"""Read the headers and the body of a request, by one definition for all programs.

Serving containers and the Lambda function import this module. All functions raise a RequestError
with the reason.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from newsgroup_classifier.errors import (
    RequestError,
    UnsupportedMediaType,
    did_you_mean,
    is_name,
    name_list,
    nearest,
)
from newsgroup_classifier.text.visible import is_blank

BYTE_ORDER_MARK = "\ufeff"
SHOWN = 80  # characters of a header in a message
_MARK_BYTES = BYTE_ORDER_MARK.encode()
_COMPRESSIONS = {  # by the first bytes of a body
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh91AY&SY": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_CHARSETS = ("utf-8", "utf8", "us-ascii")
_PARAMETER = re.compile(r';\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))')
_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    type(None): "null",
    list: "a list",
    dict: "an object",
}
_MAX_COUNT = 2**31 - 1  # the format between the containers has no room for more


def parse_header(header: str) -> tuple[str, dict[str, str]]:
    """Return the value before the first semicolon, and the parameters after it."""
    name, semicolon, rest = header.partition(";")
    parameters = {
        key.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain.strip()
        for key, quoted, plain in _PARAMETER.findall(semicolon + rest)
    }
    return name.strip().lower(), parameters


def request_type(header: str, accepted: tuple[str, ...]) -> str:
    """Return the content type without parameters; raise UnsupportedMediaType for any other."""
    name, parameters = parse_header(header)
    if name not in accepted:
        raise UnsupportedMediaType(
            f"the content type {header[:SHOWN]!r} is not accepted; expected one of "
            f"{', '.join(accepted)}"
        )
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        raise UnsupportedMediaType(
            f"the charset {charset[:SHOWN]!r} is not accepted; expected utf-8"
        )
    return name


def plain_bytes(body: bytes) -> bytes:
    """Return a body without its byte order mark; raise UnsupportedMediaType if it is compressed."""
    for start, name in _COMPRESSIONS.items():
        if body.startswith(start):
            raise UnsupportedMediaType(
                f"the body is compressed with {name}; expected plain data. Send it uncompressed."
            )
    return body.removeprefix(_MARK_BYTES)


def decode_body(body: str | bytes) -> str:
    """Return the text of a body without its byte order mark, unless it is not UTF-8."""
    if isinstance(body, str):
        return body.removeprefix(BYTE_ORDER_MARK)
    plain_bytes(body)
    try:
        return body.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from None


def decode_texts(body: str | bytes) -> str:
    """Return the text of a body that must have a visible character."""
    text = decode_body(body)
    if is_blank(text):
        raise RequestError("the body is empty; expected at least one text")
    return text


def parse_json(text: str, name: str, constant: Callable[[str], Any] | None = None) -> Any:
    """Return parsed JSON; raise RequestError with the name of the text and the place in it.

    A key that occurs twice in an object is refused, because json would drop its first value. The
    function `constant` reads NaN and infinity, which are no JSON.
    """
    if text.startswith(BYTE_ORDER_MARK):  # json's message advises a change of our code
        raise RequestError(f"{name} is not JSON: unexpected byte order mark at line 1 column 1")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in pairs:
            if key in content:
                raise RequestError(
                    f"{name} has the duplicate key {name_list([key], repr)}; expected each key of "
                    "an object once"
                )
            content[key] = value
        return content

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise RequestError(f"{name} is not JSON: {error.msg} at {where}") from None
    except RecursionError:
        raise RequestError(f"{name} is JSON that is nested too deeply") from None
    except ValueError:  # the only other one: more digits than int() reads
        raise RequestError(f"{name} has a number with too many digits") from None


def type_name(value: Any) -> str:
    """Return the type of a value of parsed JSON, in words."""
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def wrong_keys(content: dict[str, Any], expected: str, known: tuple[str, ...]) -> RequestError:
    """Return the error for an object of a request, with a known key that is near an unknown one."""
    keys = f"the keys {name_list(list(content), repr)}" if content else "no keys"
    unknown = next((key for key in content if key not in known), "")
    hint = did_you_mean(nearest(unknown, known) if is_name(unknown) else "")
    return RequestError(f"the JSON object has {keys}; expected {expected}{hint}")


def read_count(value: Any, name: str) -> int:
    """Return the value of an option that is a count."""
    if type(value) is float and value.is_integer():  # JSON has one type of numbers
        value = int(value)
    if type(value) is int and 1 <= value <= _MAX_COUNT:
        return value
    found = value if type(value) is int else type_name(value)
    raise RequestError(f'"{name}" is {found}; expected an integer from 1 to {_MAX_COUNT}')


def check_text(item: Any, index: int) -> None:
    """Raise RequestError unless an item of a request is a text with a visible character."""
    if not isinstance(item, str):
        raise RequestError(f"item {index} is {type_name(item)}; expected a string")
    if is_blank(item):
        raise RequestError(f"item {index} is an empty text; expected at least one word")
    try:
        item.encode("utf-8")  # which some strings of JSON cannot be, nor TensorFlow's strings
    except UnicodeEncodeError as error:
        raise RequestError(
            f"item {index} has a lone surrogate (half a character) at index {error.start}"
        ) from None


def error_message(body: str | bytes) -> str:
    """Return the message in the body of an error response, "" for another body."""
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return message if isinstance(message, str) else ""
