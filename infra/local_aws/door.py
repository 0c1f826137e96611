"""Who may talk to the local AWS: programs of this computer, but no web page open on it.

A page of any site can send requests to 127.0.0.1, and after DNS rebinding read the answers. A
browser marks its requests with Origin or Sec-Fetch-Site, and a rebound name stands in Host. boto3,
the AWS CLI and the SDKs send neither mark, and a Host that means this computer.
"""

import re
from typing import Any

_MARKS = {"HTTP_ORIGIN": "Origin", "HTTP_SEC_FETCH_SITE": "Sec-Fetch-Site"}
# A label of a bucket or of an API may stand before localhost.
_HOST = re.compile(
    r"(127\.0\.0\.1|([a-z0-9._-]+\.)?localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE
)
_LENGTH_DIGITS = 18


def refusal(environ: dict[str, Any]) -> str | None:
    """Return why a request is not let in, or None if it is."""
    for key, header in _MARKS.items():
        if key in environ:
            return f"The local AWS answers no web page: the request has the header {header}.\n"
    if not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
        return "The local AWS answers only under 127.0.0.1 and localhost: check the Host header.\n"
    return None


def fault(environ: dict[str, Any]) -> str | None:
    """Return why a request is none that any service could read, or None if one can."""
    length = environ.get("CONTENT_LENGTH", "0")
    if not (length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS):
        return f"The header Content-Length is no number of bytes: {length[:_LENGTH_DIGITS]!r}.\n"
    return None
