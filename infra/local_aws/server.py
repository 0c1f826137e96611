"""The front: SageMaker's requests to our own operations, every other service's to moto."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from cheroot import wsgi
from werkzeug.wrappers import Request, Response

from infra.local_aws import api, door, runtime
from infra.local_aws.moto_side import Moto
from infra.local_aws.region import Region
from infra.local_aws.settings import Settings

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/")
HEALTH_PATH = "/_local_aws/health"
_BACKLOG = 128
_THREADS = 64  # requests worked on at once; an invocation may take a minute
_CONNECTIONS = 1000  # kept open between requests
_SILENT_SECONDS = 60  # before a connection that says nothing is closed
log = logging.getLogger(__name__)


class Front:
    """The WSGI application of the local AWS."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._regions: dict[str, Region] = {}
        self._lock = threading.Lock()
        self._moto = Moto()

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
        if path == HEALTH_PATH:
            return Response("ok\n")(environ, start_response)
        return self._moto(environ, start_response)

    def _region_of(self, request: Request) -> Region:
        found = _SCOPE.search(request.headers.get("Authorization", ""))
        return self.region(found.group(1) if found else "us-east-1")


class Server(wsgi.Server):
    """Serves a front on a bound socket; its threads are daemons if the one that starts it is."""

    def __init__(self, front: Front, bound: socket.socket) -> None:
        super().__init__(
            bound.getsockname(),
            front,
            numthreads=_THREADS,
            request_queue_size=_BACKLOG,
            timeout=_SILENT_SECONDS,
        )
        self.keep_alive_conn_limit = _CONNECTIONS
        self._bound = bound

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        """Take the socket that is bound, in place of making one."""
        self.socket = self._bound
        return self.socket

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Log what went wrong on a connection."""
        log.log(level, msg, exc_info=traceback)


def bind(settings: Settings) -> socket.socket:
    """Bind the address of the settings (port 0 is any free one); raise OSError if it is taken.

    It is bound before there is a front, which must know its port.
    """
    bound = socket.socket()
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind((settings.host, settings.port))
        bound.listen(_BACKLOG)  # the port is another's until now, even if bound
    except BaseException:
        bound.close()
        raise
    return bound
