"""The addresses of HTTP APIs: a host name of their own, or a path of the local AWS.

http://<id>.execute-api.<region>.amazonaws.com/...   (or .localhost) as the Host header
http://127.0.0.1:4566/_local_aws/apis/<id>/...       for clients that cannot use such names
"""

import re
from collections.abc import Iterable
from typing import Any

from local_aws.apigateway.records import Region
from local_aws.apigateway.security.cors import allows

_PATH = re.compile(r"/_local_aws/apis/([a-z0-9]{1,32})(/.*)?", re.DOTALL)
_HOST = re.compile(
    r"([a-z0-9]{1,32})\.execute-api\.[a-z0-9-]+\.(?:localhost|amazonaws\.com)(?::[0-9]{1,5})?",
    re.IGNORECASE,
)


def split_address(environ: dict[str, Any]) -> tuple[str, str] | None:
    """Return the id of the API that a request is for, and its path exactly as sent."""
    path = str(environ.get("REQUEST_URI", environ.get("PATH_INFO", ""))).partition("?")[0]
    under_path = _PATH.fullmatch(path)
    if under_path:
        return under_path[1], under_path[2] or "/"
    under_host = _HOST.fullmatch(environ.get("HTTP_HOST", ""))
    return (under_host[1].lower(), path) if under_host else None


def is_api_host(environ: dict[str, Any]) -> bool:
    """Return whether the Host header has the form of an API's own name."""
    return _HOST.fullmatch(environ.get("HTTP_HOST", "")) is not None


def may_call(environ: dict[str, Any], regions: Iterable[Region]) -> bool:
    """Return whether a browser may send a request, which is for an API.

    A person typed its address, an API served the page that sends it, or the CORS settings of the
    API name the page's origin. No browser lets a page of another site write these headers.
    """
    address = split_address(environ)
    if address is None:
        return False
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site == "none" and origin is None and environ.get("REQUEST_METHOD") == "GET":
        return _PATH.fullmatch(environ.get("PATH_INFO", "")) is not None
    own = f"http://{environ.get('HTTP_HOST', '')}"
    if site in (None, "same-origin") and origin in (None, own):
        return True
    apis = (region.apis[address[0]] for region in regions if address[0] in region.apis)
    return origin is not None and any(api.cors and allows(api.cors, origin) for api in apis)
