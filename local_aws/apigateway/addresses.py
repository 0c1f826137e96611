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


def is_own_page(environ: dict[str, Any]) -> bool:
    """Return whether a page that an API served sent a request to an API.

    A browser does not let a page of another site write these headers. The page shares its origin
    with the local AWS, so only requests to APIs pass.
    """
    origin = f"http://{environ.get('HTTP_HOST', '')}"
    return (
        environ.get("HTTP_SEC_FETCH_SITE", "same-origin") == "same-origin"
        and environ.get("HTTP_ORIGIN", origin) == origin
        and split_address(environ) is not None
    )


def is_named_origin(environ: dict[str, Any], regions: Iterable[Region]) -> bool:
    """Return whether the CORS settings of the API that a request is for allow its origin."""
    address, origin = split_address(environ), environ.get("HTTP_ORIGIN")
    if address is None or origin is None:
        return False
    apis = (region.apis[address[0]] for region in regions if address[0] in region.apis)
    return any(api.cors is not None and allows(api.cors, origin) for api in apis)


def is_typed_address(environ: dict[str, Any]) -> bool:
    """Return whether a person typed an API's address into a browser, without any web page."""
    return (
        environ.get("HTTP_SEC_FETCH_SITE") == "none"
        and "HTTP_ORIGIN" not in environ
        and environ.get("REQUEST_METHOD") == "GET"
        and _PATH.fullmatch(environ.get("PATH_INFO", "")) is not None
    )
