"""Read the texts of a request, in any of the content types.

All functions raise RequestError, which names the item, for items that are not strings, for texts
without a visible character, and for empty requests.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

from inference_pipeline.bodies import (
    NO_OPTIONS,
    OPTION_NAMES,
    RequestOptions,
    read_instances,
    refuse_options,
    split_options,
)
from inference_pipeline.content_types import CSV, JSON, JSON_LINES, REQUEST_TYPES, has_header
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.explanations.words import refusal
from newsgroup_classifier.text.request_bodies import (
    check_text,
    decode_texts,
    parse_json,
    request_type,
)

_MAX_FIELD = 2**30  # characters; some posts exceed the csv module's own limit of 131,072


@dataclass(frozen=True)
class Request:
    """The texts of a request in order, and its options."""

    texts: list[str]
    options: RequestOptions = NO_OPTIONS


def read_texts(body: str | bytes, content_type: str) -> list[str]:
    """Return the texts of a request that must not have options."""
    request = read_request(body, content_type)
    refuse_options(request.options)
    return request.texts


def read_request(body: str | bytes, content_type: str) -> Request:
    """Return the texts and options of a request; raise RequestError with the reason."""
    kind = request_type(content_type, REQUEST_TYPES)
    headers = int(kind == CSV and has_header(content_type))
    items, options = _read(kind, decode_texts(body), headers)
    if not items:
        raise RequestError("the request has no texts; expected at least one")
    for index, item in enumerate(items):
        check_text(item, index)
    if options.explain and (reason := refusal(items)):
        raise RequestError(reason)
    return Request(items, options)


def read_explainable(body: str | bytes, content_type: str) -> Request:
    """Return a request whose only option may be `explain`, which TensorFlow recipes support."""
    request = read_request(body, content_type)
    refuse_options(request.options, ("explain",))
    return request


def _read(kind: str, text: str, headers: int) -> tuple[list[Any], RequestOptions]:
    """Return the items of a text of one content type, and the options, which only JSON has."""
    if kind == JSON:
        content, options = split_options(parse_json(text, "the body"))
        return read_instances(content, "texts", OPTION_NAMES), options
    if kind == JSON_LINES:
        lines = text.removesuffix("\n").split("\n")
        items = [parse_json(line, f"item {index}") for index, line in enumerate(lines)]
    else:
        items = _csv_items(text, headers)[headers:] if kind == CSV else [text]
    return items, NO_OPTIONS


def _csv_items(text: str, headers: int) -> list[Any]:
    """Return the only field of each record, the first `headers` of which are not items."""
    csv.field_size_limit(_MAX_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    items: list[Any] = []

    def place() -> str:
        return f"item {len(items) - headers}" if len(items) >= headers else "the header"

    try:
        for row in rows:
            if len(row) > 1:
                raise RequestError(
                    f"{place()} has {len(row)} columns; expected one. Quote texts that contain "
                    "commas, quotes or line breaks."
                )
            items.append(row[0] if row else "")
    except csv.Error as error:
        raise RequestError(f"the body is not CSV: {place()}: {error}") from None
    return items
