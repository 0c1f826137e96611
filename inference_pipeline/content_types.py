"""The one table of content types, and the reading of the headers that name them."""

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from newsgroup_classifier.errors import NotAcceptable, UnsupportedMediaType

TEXT = "text/plain"
CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
FEATURES = "application/x-sparse-rows"  # between our own stages, see sparse_rows.py

REQUEST_TYPES = (TEXT, CSV, JSON, JSON_LINES)
ANSWER_TYPES = (JSON, JSON_LINES, CSV)
_CHARSETS = ("utf-8", "utf8", "us-ascii")


def request_type(header: str, accepted: tuple[str, ...]) -> str:
    """Return the content type without parameters; raise UnsupportedMediaType for another one."""
    name, parameters = parse_options_header(header)
    if name.lower() not in accepted:
        raise UnsupportedMediaType(
            f"the content type {header!r} is not accepted; expected {', '.join(accepted)}"
        )
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        raise UnsupportedMediaType(f"the charset {charset!r} is not accepted; expected utf-8")
    return name.lower()


def answer_type(accept: str) -> str:
    """Return the best of our types for an Accept header, JSON where it leaves the choice."""
    ranges = parse_accept_header(accept or "*/*", MIMEAccept)
    # Parameters such as charset=utf-8 do not choose between our types.
    bare = MIMEAccept([(name.partition(";")[0].strip(), quality) for name, quality in ranges])
    best = bare.best_match(ANSWER_TYPES)
    if best is None:
        raise NotAcceptable(
            f"no answer can be given as {accept!r}; expected one of {', '.join(ANSWER_TYPES)}"
        )
    return best
