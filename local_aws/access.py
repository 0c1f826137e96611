"""Who may use the local AWS: the programs of this computer, but no web page.

A page of any site can send requests to 127.0.0.1 and, after DNS rebinding, read the responses. A
browser marks its requests with Origin or Sec-Fetch-Site, and a rebound name appears in Host. boto3,
the AWS CLI, and the SDKs send neither mark. Their Host means this computer, or is the name that an
HTTP API has on AWS, which no site can rebind. A person may type an API's address into a browser.
"""

import re
from typing import Any

from local_aws.addresses import is_typed_address

_MARKS = {"HTTP_ORIGIN": "Origin", "HTTP_SEC_FETCH_SITE": "Sec-Fetch-Site"}
# The name of a bucket or an API may precede localhost.
_HOST = re.compile(
    r"(127\.0\.0\.1|([a-z0-9._-]+\.)?localhost|\[::1\]"
    r"|[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com)(:[0-9]{1,5})?",
    re.IGNORECASE,
)
_LENGTH_DIGITS = 18


def refusal(environ: dict[str, Any]) -> str | None:
    """Return why a request is refused, or None if it is allowed."""
    for key, header in _MARKS.items():
        if key in environ and not is_typed_address(environ):
            return f"The local AWS does not answer web pages; the request has a {header} header.\n"
    if not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
        return "The local AWS answers only to 127.0.0.1 and localhost; check the Host header.\n"
    return None


def fault(environ: dict[str, Any]) -> str | None:
    """Return why no service could read a request, or None if one can."""
    length = environ.get("CONTENT_LENGTH", "0")
    if not (length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS):
        return f"The Content-Length header is not a number of bytes: {length[:_LENGTH_DIGITS]!r}.\n"
    return None
