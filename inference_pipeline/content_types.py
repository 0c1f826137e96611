"""The content types of requests and responses, and the parsing of the headers that name them."""

import re
from collections.abc import Iterator

from newsgroup_classifier.errors import NotAcceptable, UnsupportedMediaType
from newsgroup_classifier.text.request_bodies import SHOWN, parse_header

TEXT = "text/plain"
CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
NPY = "application/x-npy"
PNG = "image/png"
# Between our own stages: see feature_rows.py and tensorflow_bodies.py.
FEATURES = "application/x-sparse-rows"
MODEL_INPUTS = "application/x-model-inputs+json"
PROBABILITIES = "application/x-probabilities+json"

REQUEST_TYPES = (TEXT, CSV, JSON, JSON_LINES)
IMAGE_TYPES = (JSON, NPY, PNG)
RESPONSE_TYPES = (JSON, JSON_LINES, CSV)
_QUALITY = re.compile(r"(0(\.\d*)?|1(\.0*)?|\.\d+)")
_UNACCEPTABLE = (0.0, 0)  # quality and precision


def media_type(header: str) -> str:
    """Return the content type without parameters, in lower case."""
    return parse_header(header)[0]


def has_header(content_type: str) -> bool:
    """Return whether a CSV body begins with a header, by the `header` parameter of RFC 4180."""
    header = parse_header(content_type)[1].get("header", "absent")
    if header.lower() not in ("present", "absent"):
        raise UnsupportedMediaType(
            f"the content type's parameter header is {header[:SHOWN]!r}; expected present or absent"
        )
    return header.lower() == "present"


def response_type(accept: str) -> str:
    """Return the best supported type for an Accept header, or JSON if all are equally good."""
    ranges = list(_media_ranges(accept or "*/*"))
    preferences = {name: _preference(name, ranges) for name in RESPONSE_TYPES}
    best = max(RESPONSE_TYPES, key=preferences.__getitem__)
    if preferences[best] <= _UNACCEPTABLE:
        raise NotAcceptable(
            f"the Accept header {accept[:SHOWN]!r} matches no response type; expected one of "
            f"{', '.join(RESPONSE_TYPES)}"
        )
    return best


def _media_ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Yield the name and quality of each media range; skip ranges without a valid quality."""
    for part in accept.split(","):
        name, parameters = parse_header(part)
        quality = parameters.get("q", "1")
        if _QUALITY.fullmatch(quality):
            yield name, float(quality)


def _preference(name: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Return the quality of a type, from the most precise range that matches it."""
    precisions = {"*/*": 1, f"{name.partition('/')[0]}/*": 2, name: 3}
    matches = [(precisions[each], quality) for each, quality in ranges if each in precisions]
    precision, quality = max(matches, default=(0, 0.0))
    return (quality, precision) if quality else _UNACCEPTABLE
