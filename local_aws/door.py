"""Who may talk to the local AWS: programs of this computer, but no web page open on it.

A page of any site can send requests to 127.0.0.1, and after DNS rebinding read the answers. A
browser marks its requests with Origin or Sec-Fetch-Site, and a rebound name stands in Host. boto3,
the AWS CLI and the SDKs send neither mark, and a Host that means this computer, or the name that an
HTTP API has on AWS, which no site can rebind. A person may type an API's address into a browser.
"""

import re
from typing import Any

from local_aws.addresses import is_typed_address

_MARKS = {"HTTP_ORIGIN": "Origin", "HTTP_SEC_FETCH_SITE": "Sec-Fetch-Site"}
# A label of a bucket or of an API may stand before localhost.
_HOST = re.compile(
    r"(127\.0\.0\.1|([a-z0-9._-]+\.)?localhost|\[::1\]"
    r"|[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com)(:[0-9]{1,5})?",
    re.IGNORECASE,
)
_LENGTH_DIGITS = 18


def refusal(environ: dict[str, Any]) -> str | None:
    """Return why a request is not let in, or None if it is."""
    for key, header in _MARKS.items():
        if key in environ and not is_typed_address(environ):
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
