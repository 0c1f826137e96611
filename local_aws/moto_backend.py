"""The services that moto provides: S3, IAM, and all others that are not our own.

moto raises an exception if it lacks an operation or cannot handle an unusual request, and sends a
web page if it has no route. Both become 501 NotImplemented, which clients do not retry: in XML for
S3 and services that accept forms, in JSON for all others.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from local_aws.permissions import enforce

log = logging.getLogger(__name__)
_CODE = "NotImplemented"
_SERVICE = re.compile(r"Credential=[^/]+/\d+/[a-z0-9-]+/(?P<name>[a-z0-9-]+)/")
_SERVER_ERROR = 500
_NO_ROUTE = ("404 NOT FOUND", "405 METHOD NOT ALLOWED")
_PAGE = b"<!doctype html>\n<html lang=en>\n<title>40"  # werkzeug's own; no service answers this way
_FORM = "application/x-www-form-urlencoded"


class Moto:
    """moto's WSGI application without its internal errors."""

    def __init__(self) -> None:
        # Templates attach AWS's own policies to the roles of functions.
        default_user_config["iam"]["load_aws_managed_policies"] = True
        enforce()
        self._application = DomainDispatcherApplication(create_backend_app)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        try:
            body, status, headers = run_wsgi_app(self._application, environ)
        except NotImplementedError as error:
            return _not_implemented(environ, str(error))(environ, start_response)
        except Exception as error:
            log.warning("moto failed to answer a %s request: %r", environ["REQUEST_METHOD"], error)
            log.debug("moto's traceback:", exc_info=error)
            return _not_implemented(environ, "it failed")(environ, start_response)
        if int(status[:3]) == _SERVER_ERROR:
            log.warning("moto answered a %s request with %s", environ["REQUEST_METHOD"], status)
            return _not_implemented(environ, "it failed")(environ, start_response)
        if status in _NO_ROUTE:
            body = list(body)
            if b"".join(body).startswith(_PAGE):
                return _not_implemented(environ, "it has no such operation")(
                    environ, start_response
                )
        start_response(status, headers.to_wsgi_list())
        return body


def _not_implemented(environ: dict[str, Any], reason: str) -> Response:
    match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = match["name"] if match else "this service"
    message = f"moto, which provides {service} in the local AWS, cannot answer this: {reason}"
    headers = {"x-amzn-ErrorType": _CODE}
    if service == "s3" or environ.get("CONTENT_TYPE", "").startswith(_FORM):
        body = (
            f"<ErrorResponse><Error><Code>{_CODE}</Code><Message>{escape(message)}</Message>"
            "</Error></ErrorResponse>"
        )
        return Response(body, 501, headers, content_type="text/xml")
    body = json.dumps({"__type": _CODE, "message": message})
    return Response(body, 501, headers, content_type="application/json")
