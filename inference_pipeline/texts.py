"""Read the texts of a request: one function a content type.

All refuse the same things with RequestError, naming the item: what is no text, an empty text, and
a request without any.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference_pipeline.asked import NAMES, NOTHING, Asked, asked_in, refuse_asked
from inference_pipeline.content_types import (
    CSV,
    JSON,
    JSON_LINES,
    REQUEST_TYPES,
    TEXT,
    request_type,
)
from inference_pipeline.json_bodies import decode_body, instances_of, name_of, parse_json
from newsgroup_classifier.errors import RequestError

_LONGEST_FIELD = 2**30  # csv's own limit of 131,072 characters is shorter than some posts


@dataclass(frozen=True)
class Request:
    """The texts of a request in order, and what it asks for beside predictions."""

    texts: list[str]
    asked: Asked = NOTHING


def read_texts(body: str | bytes, content_type: str) -> list[str]:
    """Return the texts of a request that may ask for predictions alone."""
    request = read_request(body, content_type)
    refuse_asked(request.asked)
    return request.texts


def read_request(body: str | bytes, content_type: str) -> Request:
    """Return what a request has; raise RequestError saying what is wrong with it."""
    read = _READERS[request_type(content_type, REQUEST_TYPES)]
    text = decode_body(body)
    if not text.strip():
        raise RequestError("the body is empty; expected at least one text")
    items, asked = read(text)
    if not items:
        raise RequestError("the request has no text; expected at least one")
    for index, item in enumerate(items):
        if not isinstance(item, str):
            raise RequestError(f"item {index} is {name_of(item)}; expected a text{_hint(item)}")
        if not item.strip():
            raise RequestError(f"item {index} is an empty text; expected at least one word")
        _refuse_half_characters(item, index)
    return Request(items, asked)


def _hint(item: Any) -> str:
    """Return where top and neighbors belong, for an item that has them."""
    misplaced = [name for name in NAMES if isinstance(item, dict) and name in item]
    if not misplaced:
        return ""
    names = " and ".join(f'"{name}"' for name in misplaced)
    return f'; {names} may stand in {JSON} alone, beside "instances"'


def _refuse_half_characters(text: str, index: int) -> None:
    """Raise RequestError for a text that JSON can spell and UTF-8, and so TensorFlow, cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RequestError(
            f"item {index} has half a character (a lone surrogate) at place {error.start}"
        ) from None


def _read_plain(text: str) -> tuple[list[Any], Asked]:
    return [text], NOTHING


def _read_csv(text: str) -> tuple[list[Any], Asked]:
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
    return items, NOTHING


def _read_json(text: str) -> tuple[list[Any], Asked]:
    content, asked = asked_in(parse_json(text, "the body"))
    return instances_of(content, "texts", NAMES), asked


def _read_json_lines(text: str) -> tuple[list[Any], Asked]:
    lines = text.removesuffix("\n").split("\n")
    return [parse_json(line, f"item {index}") for index, line in enumerate(lines)], NOTHING


_READERS: dict[str, Callable[[str], tuple[list[Any], Asked]]] = {
    TEXT: _read_plain,
    CSV: _read_csv,
    JSON: _read_json,
    JSON_LINES: _read_json_lines,
}
