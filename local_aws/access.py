"""Who may use the local AWS: the programs of this computer, but no web page.

A page of any site can send requests to 127.0.0.1 and, after DNS rebinding, read the responses. A
browser marks its requests with Origin or Sec-Fetch-Site, and a rebound name appears in Host. boto3,
the AWS CLI, and the SDKs send neither mark. Their Host means this computer, or is the name that an
HTTP API has on AWS, which no site can rebind. A person may type an API's address into a browser,
and the page that the API returns may send requests to it.
"""

import re
from typing import Any

_MARKS = {"HTTP_ORIGIN": "Origin", "HTTP_SEC_FETCH_SITE": "Sec-Fetch-Site"}
# The name of a bucket, for example, may precede localhost.
_HOST = re.compile(
    r"(127\.0\.0\.1|([a-z0-9._-]+\.)?localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE
)
_LENGTH_DIGITS = 18
SENT_HEADERS = "local_aws.headers"  # in the environ of a request: names and values, as sent


def refusal(environ: dict[str, Any], is_known: bool, is_own_host: bool) -> str | None:
    """Return why a request is refused, or None if it is allowed.

    A service may say that it knows who sent it, such as a person who typed the address or its own
    page, and that the host is a name that AWS gives to one of its resources.
    """
    for key, header in _MARKS.items():
        if key in environ and not is_known:
            return (
                f"The local AWS does not answer web pages; the request has the header {header}.\n"
            )
    if not is_own_host and not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
        return "The local AWS answers only to 127.0.0.1 and localhost; check the Host header.\n"
    return None


def fault(environ: dict[str, Any]) -> str | None:
    """Return why no service could read a request, or None if one can."""
    length = environ.get("CONTENT_LENGTH", "0")
    if not (length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS):
        return f"The Content-Length header is not a number of bytes: {length[:_LENGTH_DIGITS]!r}.\n"
    return None
