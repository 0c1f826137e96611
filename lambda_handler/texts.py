"""Read the texts of a request: one text or up to a hundred, as JSON or plain text.

All functions raise a RequestError that names the item.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from lambda_handler.bodies import BYTE_ORDER_MARK, decode_body
from lambda_handler.errors import InvalidInput, PayloadTooLarge, UnsupportedMediaType
from newsgroup_classifier.explanations.words import refusal
from newsgroup_classifier.text.visible import is_blank

JSON, TEXT = "application/json", "text/plain"
REQUEST_TYPES = (JSON, TEXT)
MAX_TEXTS = 100
# Lambda's limit for events is 6 MB, and base64 turns three bytes into four.
MAX_BYTES = 4_000_000
_MAX_COUNT = 2**31 - 1
_CHARSETS = ("utf-8", "utf8", "us-ascii")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,19}")
_SHOWN_KEYS = 10
_PARAMETER = re.compile(r';\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))')
_SHOWN = 40  # characters of a client's value in a message
_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


@dataclass(frozen=True)
class Texts:
    """The texts of a request, and how many words to explain each label with; 0: none."""

    texts: list[str]
    explain: int = 0


def read_texts(body: bytes, content_type: str) -> Texts:
    """Return the texts of a body; JSON is the default content type."""
    read = _READERS[_media_type(content_type or JSON)]
    if len(body) > MAX_BYTES:
        raise PayloadTooLarge(
            f"the body has {len(body):,} bytes; expected at most {MAX_BYTES:,}. Send fewer texts."
        )
    text = decode_body(body)
    if is_blank(text):
        raise InvalidInput("the body is empty; expected at least one text")
    return check_texts(read(text))


def check_texts(content: Any) -> Texts:
    """Return the texts in parsed JSON: {"text": ...}, {"instances": [...]} or a list.

    Next to "text" or "instances", "explain" asks for explanations.
    """
    explain = 0
    if isinstance(content, dict):
        if "explain" in content and len(content) > 1:
            explain = _count(content["explain"])
            content = {name: value for name, value in content.items() if name != "explain"}
        content = _items(content)
    if not isinstance(content, list):
        raise InvalidInput(
            f"the JSON is {_type_name(content)}; expected "
            '{"text": "..."} or {"instances": ["..."]}'
        )
    if not content:
        raise InvalidInput("the request has no texts; expected at least one")
    if len(content) > MAX_TEXTS:
        raise InvalidInput(
            f"the request has {len(content):,} texts; expected at most {MAX_TEXTS}. "
            "Send them in several requests."
        )
    for index, item in enumerate(content):
        _check(item, index)
    if explain and (reason := refusal(content)):
        raise InvalidInput(reason)
    return Texts(content, explain)


def _count(value: Any) -> int:
    if type(value) is float and value.is_integer():  # JSON has one type of numbers
        value = int(value)
    if type(value) is int and 1 <= value <= _MAX_COUNT:
        return value
    found = value if type(value) is int else _type_name(value)
    raise InvalidInput(f'"explain" is {found}; expected an integer from 1 to {_MAX_COUNT}')


def _items(content: dict[str, Any]) -> Any:
    if len(content) == 1:
        if "instances" in content:
            instances = content["instances"]
            if isinstance(instances, list):
                return instances
            raise InvalidInput(f'"instances" is {_type_name(instances)}; expected a list of texts')
        if "text" in content:
            return [content["text"]]
    keys = f"the keys {_shown(list(content))}" if content else "no keys"
    raise InvalidInput(f'the JSON object has {keys}; expected "text" alone or "instances" alone')


def _shown(keys: Sequence[str]) -> str:
    """Return the first keys that are identifiers; others may be texts, and are only counted."""
    names = [repr(key) for key in keys if _NAME.fullmatch(key)][:_SHOWN_KEYS]
    hidden = len(keys) - len(names)
    parts = (", ".join(names), f"({hidden} not shown)" if hidden else "")
    return " ".join(part for part in parts if part)


def _check(item: Any, index: int) -> None:
    if not isinstance(item, str):
        raise InvalidInput(f"item {index} is {_type_name(item)}; expected a string")
    if is_blank(item):
        raise InvalidInput(f"item {index} is an empty text; expected at least one word")
    try:
        item.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"item {index} has a lone surrogate (half a character) at index {error.start}"
        ) from None


def _type_name(value: Any) -> str:
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def _media_type(header: str) -> str:
    name, semicolon, rest = header.partition(";")
    name = name.strip().lower()
    if name not in _READERS:
        raise UnsupportedMediaType(
            f"the content type {header[:80]!r} is not accepted; expected one of "
            f"{', '.join(REQUEST_TYPES)}"
        )
    parameters = {
        key.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain.strip()
        for key, quoted, plain in _PARAMETER.findall(semicolon + rest)
    }
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        raise UnsupportedMediaType(
            f"the charset {charset[:_SHOWN]!r} is not accepted; expected utf-8"
        )
    return name


def _read_plain(text: str) -> list[Any]:
    return [text]


def _read_json(text: str) -> Any:
    if text.startswith(BYTE_ORDER_MARK):  # json's message advises a change of our code
        raise InvalidInput("the body is not JSON: unexpected byte order mark at line 1 column 1")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise InvalidInput(f"the body is not JSON: {error.msg} at {where}") from None
    except RecursionError:
        raise InvalidInput("the body is JSON that is nested too deeply") from None
    except ValueError:  # the only other one: more digits than int() reads
        raise InvalidInput("the body has a number with too many digits") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in pairs:
        if key in content:
            raise InvalidInput(
                f"the body has the duplicate key {_shown([key])}; expected each key of an object "
                "once"
            )
        content[key] = value
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"the body is not JSON: {name} is not a JSON number")


_READERS: dict[str, Callable[[str], Any]] = {JSON: _read_json, TEXT: _read_plain}
