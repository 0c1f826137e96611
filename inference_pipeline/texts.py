"""Read the texts of a request: one function a content type.

All refuse the same things with RequestError, naming the item: what is no text, an empty text, and
a request without any.
"""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from inference_pipeline.content_types import (
    CSV,
    JSON,
    JSON_LINES,
    REQUEST_TYPES,
    TEXT,
    request_type,
)
from newsgroup_classifier.errors import RequestError

_LONGEST_FIELD = 2**30  # csv's own limit of 131,072 characters is shorter than some posts


def read_texts(body: str | bytes, content_type: str) -> list[str]:
    """Return the texts of a request in order; raise RequestError saying what is wrong with it."""
    read = _READERS[request_type(content_type, REQUEST_TYPES)]
    text = body if isinstance(body, str) else _decode(body)
    if not text.strip():
        raise RequestError("the body is empty; expected at least one text")
    items = read(text)
    if not items:
        raise RequestError("the request has no text; expected at least one")
    for index, item in enumerate(items):
        if not isinstance(item, str):
            kind = _JSON_NAMES.get(type(item), type(item).__name__)
            raise RequestError(f"item {index} is {kind}; expected a text")
        if not item.strip():
            raise RequestError(f"item {index} is an empty text; expected at least one word")
    return items


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from None


def _read_plain(text: str) -> list[Any]:
    return [text]


def _read_csv(text: str) -> list[Any]:
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    items = []
    try:
        for index, row in enumerate(rows):
            if len(row) > 1:
                raise RequestError(
                    f"item {index} has {len(row)} columns; expected one: a text with commas, "
                    "quotes or line ends must be put in quotes"
                )
            items.append(row[0] if row else "")
    except csv.Error as error:
        raise RequestError(f"the body is not CSV: item {len(items)}: {error}") from None
    return items


def _read_json(text: str) -> list[Any]:
    content = _parse(text, "the body")
    if isinstance(content, dict):
        unknown = [key for key in content if key != "instances"]
        if unknown or "instances" not in content:
            found = ", ".join(repr(key) for key in content) or "none"
            raise RequestError(f'the JSON object has the keys {found}; expected "instances" alone')
        content = content["instances"]
    if not isinstance(content, list):
        kind = _JSON_NAMES[type(content)]
        raise RequestError(
            f'the JSON is {kind}; expected a list of texts or {{"instances": [...]}}'
        )
    return content


def _read_json_lines(text: str) -> list[Any]:
    lines = text.removesuffix("\n").split("\n")
    return [_parse(line, f"item {index}") for index, line in enumerate(lines)]


def _parse(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise RequestError(f"{what} is not JSON: {error.msg} at {where}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{what} is JSON that cannot be read: {type(error).__name__}") from None


_READERS: dict[str, Callable[[str], list[Any]]] = {
    TEXT: _read_plain,
    CSV: _read_csv,
    JSON: _read_json,
    JSON_LINES: _read_json_lines,
}
_JSON_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    type(None): "null",
    list: "a list",
    dict: "an object",
}
