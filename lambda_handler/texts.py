"""Read the texts of a request: one text or up to a hundred, as JSON or as plain text.

What is refused is refused with a RequestError that names the item.
"""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from lambda_handler.errors import InvalidInput, PayloadTooLarge, UnsupportedMediaType

JSON, TEXT = "application/json", "text/plain"
REQUEST_TYPES = (JSON, TEXT)
MOST_TEXTS = 100
# Lambda takes events of 6 MB, and base64 makes three bytes four.
MOST_BYTES = 4_000_000
_CHARSETS = ("utf-8", "utf8", "us-ascii")
_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


def read_texts(body: bytes, content_type: str) -> list[str]:
    """Return the texts of a body; no content type at all is taken for JSON."""
    read = _READERS[_media_type(content_type or JSON)]
    if len(body) > MOST_BYTES:
        raise PayloadTooLarge(
            f"the body has {len(body):,} bytes; expected at most {MOST_BYTES:,}. Send fewer texts."
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from None
    if not text.strip():
        raise InvalidInput("the body is empty; expected at least one text")
    return texts_of(read(text))


def texts_of(content: Any) -> list[str]:
    """Return the texts in parsed JSON: {"text": ...}, {"instances": [...]} or a list."""
    if isinstance(content, dict):
        content = _member(content)
    if not isinstance(content, list):
        raise InvalidInput(
            f'the JSON is {_name(content)}; expected {{"text": "..."}} or {{"instances": ["..."]}}'
        )
    if not content:
        raise InvalidInput("the request has no text; expected at least one")
    if len(content) > MOST_TEXTS:
        raise InvalidInput(
            f"the request has {len(content):,} texts; expected at most {MOST_TEXTS}. "
            "Send them in several requests."
        )
    for index, item in enumerate(content):
        _check(item, index)
    return content


def _member(content: dict[str, Any]) -> Any:
    if len(content) == 1:
        if "instances" in content:
            instances = content["instances"]
            if isinstance(instances, list):
                return instances
            raise InvalidInput(f'"instances" is {_name(instances)}; expected a list of texts')
        if "text" in content:
            return [content["text"]]
    keys = ", ".join(ascii(key)[:40] for key in list(content)[:5]) or "none"
    raise InvalidInput(
        f'the JSON object has the keys {keys}; expected "text" alone or "instances" alone'
    )


def _check(item: Any, index: int) -> None:
    if not isinstance(item, str):
        raise InvalidInput(f"item {index} is {_name(item)}; expected a text")
    if not item.strip():
        raise InvalidInput(f"item {index} is an empty text; expected at least one word")
    try:
        item.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"item {index} has half a character (a lone surrogate) at place {error.start}"
        ) from None


def _name(value: Any) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def _media_type(header: str) -> str:
    name, *parameters = (part.strip().lower() for part in header.split(";"))
    if name not in _READERS:
        raise UnsupportedMediaType(
            f"the content type {header[:80]!r} is not accepted; expected one of "
            f"{', '.join(REQUEST_TYPES)}"
        )
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset" and value.strip().strip('"') not in _CHARSETS:
            raise UnsupportedMediaType(
                f"the charset {value[:40]!r} is not accepted; expected utf-8"
            )
    return name


def _read_plain(text: str) -> list[Any]:
    return [text]


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise InvalidInput(f"the body is not JSON: {error.msg} at {where}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"the body is JSON that cannot be read: {type(error).__name__}"
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise InvalidInput("a JSON object has one key twice; expected each key once")
    return content


def _no_constant(name: str) -> NoReturn:
    raise InvalidInput(f"the body is not JSON: {name} is no JSON number")


_READERS: dict[str, Callable[[str], Any]] = {JSON: _read_json, TEXT: _read_plain}
