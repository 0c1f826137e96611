"""The front: requests of what we reproduce to our own operations, those of the rest to moto."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from local_aws import door
from local_aws.addresses import split_address
from local_aws.apigateway import api as apigateway
from local_aws.awslambda import api as awslambda
from local_aws.chunked import ChunkedBody
from local_aws.cloudformation import api as cloudformation
from local_aws.moto_side import Moto
from local_aws.region import Region
from local_aws.sagemaker import api as sagemaker
from local_aws.settings import Settings

_SCOPE = re.compile(
    r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
)
HEALTH_PATH = "/_local_aws/health"
_BACKLOG = 128


class Service(Protocol):
    """The `api` module of one of our services."""

    def claims(self, environ: dict[str, Any], signed_for: str) -> bool:
        """Return whether a request is for this service."""

    def answer(self, request: Request, region: Region) -> Response:
        """Answer a request."""


# The first one that claims a request answers it; moto answers what none of them claims.
_SERVICES: tuple[Service, ...] = (apigateway, sagemaker, cloudformation, awslambda)


class Front:
    """The WSGI application of the local AWS."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._regions: dict[str, Region] = {}
        self._lock = threading.Lock()
        self._moto = Moto()

    def region(self, name: str) -> Region:
        """Return the state of a region, created at its first use."""
        with self._lock:
            if name not in self._regions:
                region = Region(name, self.settings)
                awslambda.attach(region)
                self._regions[name] = region
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
        # A bucket may have the name of any service, so the service that a request is signed for
        # decides, not its path.
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        for service in _SERVICES:
            if service.claims(environ, scope["service"] if scope else ""):
                region = self._region_of(environ, scope["region"] if scope else "us-east-1")
                return service.answer(Request(environ), region)(environ, start_response)
        if environ.get("PATH_INFO", "") == HEALTH_PATH:
            return Response("ok\n")(environ, start_response)
        return self._moto(environ, start_response)

    def _region_of(self, environ: dict[str, Any], signed_for: str) -> Region:
        """Return the region of the HTTP API in a request's address, or the one it is signed for."""
        address = split_address(environ)
        if address is not None:
            with self._lock:
                regions = list(self._regions.values())
            for region in regions:
                if address[0] in region.apis:
                    return region
        return self.region(signed_for)


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
