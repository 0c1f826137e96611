"""The front: requests of what we reproduce to our own operations, those of the rest to moto."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from local_aws import door
from local_aws.apigateway import api as http_api
from local_aws.apigateway.addresses import split_address
from local_aws.apigateway.gateway import Gateway
from local_aws.awslambda import api as functions_api
from local_aws.chunked import ChunkedBody
from local_aws.cloudformation import api as stacks
from local_aws.moto_side import Moto
from local_aws.region import Region
from local_aws.sagemaker import api, runtime
from local_aws.settings import Settings

_SCOPE = re.compile(
    r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
)
HEALTH_PATH = "/_local_aws/health"
_BACKLOG = 128


class Front:
    """The WSGI application of the local AWS."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._regions: dict[str, Region] = {}
        self._lock = threading.Lock()
        self._moto = Moto()
        self._gateway = Gateway()

    def region(self, name: str) -> Region:
        """Return the state of a region, made at its first use."""
        with self._lock:
            if name not in self._regions:
                self._regions[name] = Region(name, self.settings)
            return self._regions[name]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Route one request, unless it comes from a web page."""
        refusal = door.refusal(environ)
        if refusal is not None:
            return Response(refusal, 403, content_type="text/plain")(environ, start_response)
        fault = door.fault(environ)
        if fault is not None:
            return Response(fault, 400, content_type="text/plain")(environ, start_response)
        address = split_address(environ)
        if address is not None:
            return self._call_api(Request(environ), *address)(environ, start_response)
        path = environ.get("PATH_INFO", "")
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        invocation = runtime.PATH.fullmatch(path)
        if target.startswith("SageMaker."):
            request = Request(environ)
            return api.answer(request, self._region_of(request))(environ, start_response)
        # A bucket may be named "endpoints".
        if invocation and "/s3/aws4_request" not in environ.get("HTTP_AUTHORIZATION", ""):
            request = Request(environ)
            response = runtime.answer(request, self._region_of(request), invocation["name"])
            return response(environ, start_response)
        # A bucket may be named as a path begins, so what the request is signed for decides.
        service = _service_of(environ)
        if service == "cloudformation":
            request = Request(environ)
            return stacks.answer(request, self._region_of(request))(environ, start_response)
        if service == "lambda":
            request = Request(environ)
            response = functions_api.answer(request, self._region_of(request).functions)
            return response(environ, start_response)
        if service == "apigateway" and path.startswith(http_api.PREFIX):
            request = Request(environ)
            return http_api.answer(request, self._region_of(request))(environ, start_response)
        if path == HEALTH_PATH:
            return Response("ok\n")(environ, start_response)
        return self._moto(environ, start_response)

    def _call_api(self, request: Request, api_id: str, path: str) -> Response:
        """Answer a request for an HTTP API; ids are unique, so the region need not be named."""
        with self._lock:
            regions = list(self._regions.values())
        for region in regions:
            api = region.apis.get(api_id)
            if api is not None:
                return self._gateway.answer(request, region, api, path)
        return Response('{"message":"Not Found"}', 404, content_type="application/json")

    def _region_of(self, request: Request) -> Region:
        found = _SCOPE.search(request.headers.get("Authorization", ""))
        return self.region(found["region"] if found else "us-east-1")


def _service_of(environ: dict[str, Any]) -> str:
    """Return the service that a request is signed for, or nothing."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found["service"] if found else ""


class _Handler(WSGIRequestHandler):
    """Speaks HTTP/1.1 and leaves the request lines out of the log."""

    protocol_version = "HTTP/1.1"

    def make_environ(self) -> dict[str, Any]:
        """Describe the request; a body in chunks is read by a reader of our own."""
        environ: dict[str, Any] = super().make_environ()
        if isinstance(environ["wsgi.input"], DechunkedInput):
            environ["wsgi.input"] = ChunkedBody(self.rfile)
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        logging.getLogger(__name__).debug("%s %s", self.requestline, code)


def bind(settings: Settings) -> socket.socket:
    """Bind the address of the settings (port 0 is any free one); raise OSError if it is taken.

    The socket is bound here because werkzeug, left to do it, prints its own advice and exits.
    """
    bound = socket.socket()
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((settings.host, settings.port))
        bound.listen(_BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


def listen(front: Front, bound: socket.socket) -> BaseWSGIServer:
    """Return the server of a front on a bound socket, which is duplicated and closed."""
    with bound:
        return make_server(
            front.settings.host,
            front.settings.port,
            front,
            threaded=True,
            request_handler=_Handler,
            fd=bound.fileno(),
        )
