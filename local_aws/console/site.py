"""Answer the requests of the page: the page itself, the overview of a region, and a log."""

import json
import re
import secrets
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from werkzeug.wrappers import Request, Response

from local_aws.console.overview import log_lines, overview
from local_aws.settings import Settings

PATH = "/_local_aws"
_PAGE = Path(__file__).with_name("page.html")
_TOKEN = secrets.token_urlsafe()
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_FILES = {
    PATH: ("page.html", "text/html"),
    f"{PATH}/page.js": ("page.js", "text/javascript"),
    f"{PATH}/page.css": ("page.css", "text/css"),
}
_OVERVIEW, _LOG = f"{PATH}/overview", f"{PATH}/log"
PATHS = frozenset([*_FILES, _OVERVIEW, _LOG])


def is_own_page(environ: dict[str, Any]) -> bool:
    """Return whether a person opened the page, or the page itself asks for something.

    Pages of HTTP APIs have the same origin. They cannot open this page, because their requests are
    not `none`, and so do not know the token that its other requests carry.
    """
    if environ.get("REQUEST_METHOD") != "GET" or "HTTP_ORIGIN" in environ:
        return False
    path, site = environ.get("PATH_INFO"), environ.get("HTTP_SEC_FETCH_SITE")
    if path in (_OVERVIEW, _LOG):
        return site == "same-origin" and environ.get("HTTP_LOCAL_AWS_PAGE") == _TOKEN
    return path in _FILES and site == ("none" if path == PATH else "same-origin")


def is_typed_root(environ: dict[str, Any]) -> bool:
    """Return whether a person typed the address of the local AWS into a browser, without a path."""
    return (
        environ.get("HTTP_SEC_FETCH_SITE") == "none"
        and environ.get("REQUEST_METHOD") == "GET"
        and environ.get("PATH_INFO") == "/"
        and "HTTP_ORIGIN" not in environ
    )


def answer(request: Request, settings: Settings) -> Response:
    """Answer a request for one of the paths."""
    if request.path == "/":
        return Response(status=302, headers={"Location": PATH})
    if request.method not in ("GET", "HEAD"):
        return Response("This page is read-only; use GET.\n", 405, {"Allow": "GET, HEAD"})
    if request.path in _FILES:
        name, kind = _FILES[request.path]
        text = _PAGE.with_name(name).read_text(encoding="utf-8").replace("{token}", _TOKEN)
        return Response(text, 200, _HEADERS, content_type=f"{kind}; charset=utf-8")
    region = request.args.get("region", "us-east-1")
    if not _REGION.fullmatch(region):
        return _json({"error": "the region is not one of AWS; expected one such as us-east-1"}, 400)
    group = request.args.get("group", "")
    if request.path == _LOG and not group:
        return _json({"error": "the log group is missing; expected, for example, ?group=NAME"}, 400)
    try:
        if request.path == _OVERVIEW:
            return _json(overview(settings, region))
        return _json({"group": group, "lines": log_lines(settings, region, group)})
    except ClientError as error:  # also if something was deleted between two calls
        subject = "overview" if request.path == _OVERVIEW else group
        return _json({"error": f"{subject}: {error.response['Error']['Message']}"}, 404)


def _json(content: dict[str, Any], status: int = 200) -> Response:
    body = json.dumps(content, ensure_ascii=False)
    return Response(body, status, _HEADERS, content_type="application/json; charset=utf-8")
