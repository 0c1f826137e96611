"""The web server: passes a request to one of our own services, or to moto."""

import io
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from local_aws import access, cloud, processes
from local_aws.apigateway import api as apigateway
from local_aws.awslambda import api as awslambda
from local_aws.cloudformation import api as cloudformation
from local_aws.console import site as console
from local_aws.errors import ServiceError
from local_aws.lifetime.emptying import REQUEST, end_work
from local_aws.monitoring import clock
from local_aws.moto_backend import Moto
from local_aws.parsing import WholeReads
from local_aws.sagemaker import api as sagemaker
from local_aws.settings import FunctionSettings, Settings

_SCOPE = re.compile(
    r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
)
HEALTH_PATH = "/_local_aws/health"
RESET_PATH = "/_local_aws/reset"
_BACKLOG = 128
_ENDING = "<html>The local AWS is ending.</html>\n"  # which boto3 understands in all protocols


class Service(Protocol):
    """The `api` module of one of our services."""

    @property
    def new_region(self) -> Callable[..., Any]:
        """The function that returns what the service keeps about a region."""

    def claims(self, environ: dict[str, Any], signed_for: str) -> bool:
        """Return whether a request is for this service."""

    def saved(self, region: Any) -> Any:
        """Return the records of a region, without what runs."""

    def restore(self, region: Any, saved: Any) -> None:
        """Store the records of a region, and start what they say."""

    def answer(self, request: Request, region: Any) -> Response:
        """Answer a request."""


# The first one that claims a request answers it; moto answers what none of them claims.
_HTTP_APIS: Service = apigateway  # invokes functions, and finds the APIs of all regions
_SERVICES: tuple[Service, ...] = (_HTTP_APIS, sagemaker, cloudformation, awslambda)
# As they are restored: HTTP APIs call functions.
_RESTORED: tuple[Service, ...] = (awslambda, _HTTP_APIS, sagemaker, cloudformation)


class Application:
    """The WSGI application of the local AWS."""

    def __init__(self, settings: Settings, functions: FunctionSettings, instance_cpus: int) -> None:
        self.settings, self.is_ready, self.is_ending = settings, True, False
        self._options: dict[Service, dict[str, Any]] = {
            awslambda: {"limits": functions},
            sagemaker: {"instance_cpus": instance_cpus},
        }
        self._regions: dict[Service, dict[str, Any]] = {service: {} for service in _SERVICES}
        self._lock, self._emptying = threading.RLock(), threading.Lock()
        self._moto = Moto(sagemaker.JOB_LOGS)
        clock.start(settings, self._send_event)

    def _region(self, service: Service, name: str) -> Any:
        """Return what a service keeps about a region, which is created on first use."""
        with self._lock:
            regions, options = self._regions[service], self._options.get(service, {})
            if name not in regions:
                if service is _HTTP_APIS:
                    options = {"functions": self._region(awslambda, name), "all_regions": regions}
                regions[name] = service.new_region(name, self.settings, **options)
            return regions[name]

    def _send_event(self, arn: str, *event: Any) -> None:
        """Send an event of another service to the function with an ARN."""
        awslambda.send_event(self._region(awslambda, arn.split(":")[3]), arn, *event)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request; at the end refuse all, since what they change may not be stored."""
        started: list[tuple[Any, ...]] = []
        body: Iterable[bytes] = ()
        if not self.is_ending:
            body = self._route(environ, lambda *response: started.append(response))
        if self.is_ending:  # also if the end came meanwhile
            return Response(_ENDING, 503, content_type="text/html")(environ, start_response)
        start_response(*started[-1])
        return body

    def _route(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Pass a request to its service, or refuse it if it comes from a web page."""
        is_api_host = apigateway.is_api_host(environ)
        is_root = console.is_typed_root(environ) and not is_api_host
        is_known = is_root or console.is_own_page(environ)
        is_known |= apigateway.may_call(environ, [*self._regions[_HTTP_APIS].values()])
        refusal = access.refusal(environ, is_known, is_api_host)
        if refusal is not None:
            return Response(refusal, 403, content_type="text/plain")(environ, start_response)
        fault = access.fault(environ)
        if fault is not None:
            return Response(fault, 400, content_type="text/plain")(environ, start_response)
        path = environ.get("PATH_INFO", "")
        if is_root or path in console.PATHS:
            return console.answer(Request(environ), self.settings)(environ, start_response)
        # A path may name a bucket, so the service that a request is signed for decides.
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        for service in _SERVICES:
            if service.claims(environ, scope["service"] if scope else ""):
                region = self._region(service, scope["region"] if scope else "us-east-1")
                return service.answer(Request(environ), region)(environ, start_response)
        if path == RESET_PATH:
            return self._answer_reset(environ)(environ, start_response)
        if path == HEALTH_PATH:
            health = ("ok\n", 200) if self.is_ready else ("restoring\n", 503)
            return Response(*health)(environ, start_response)
        if path.startswith(f"{console.PATH}/"):  # no bucket has such a name
            known = ", ".join([console.PATH, HEALTH_PATH, RESET_PATH])
            unknown = (
                f"The local AWS has no page {path}; expected one of {known}, or an HTTP API.\n"
            )
            return Response(unknown, 404, content_type="text/plain")(environ, start_response)
        return self._moto(environ, start_response)

    def _answer_reset(self, environ: dict[str, Any]) -> Response:
        if environ["REQUEST_METHOD"] != "POST":
            return Response("Use POST to empty the local AWS.\n", 405, {"Allow": "POST"})
        try:
            self.reset()
        except ServiceError as error:
            logging.getLogger(__name__).error("%s", error.message)
            return Response(f"{error.message}\n", 500, content_type="text/plain")
        return Response("ok\n")

    def reset(self) -> None:
        """End all jobs, endpoints, and functions, and forget everything, as after a new start."""
        with self._emptying:
            end_work(self._stop_services, self.settings.state_dir)
            with self._lock:
                for regions in self._regions.values():
                    regions.clear()
                self._moto.reset()
                cloud.forget_sessions()
            processes.allow_new()
            clock.start(self.settings, self._send_event)

    def saved(self) -> list[dict[str, Any]]:
        """Return the records of all services by region, without what runs."""
        return [
            {name: service.saved(region) for name, region in list(self._regions[service].items())}
            for service in _RESTORED
        ]

    def restore(self, saved: list[dict[str, Any]]) -> None:
        """Store the records of all services, and start what they say."""
        for service, regions in zip(_RESTORED, saved, strict=True):
            for name, content in regions.items():
                service.restore(self._region(service, name), content)
        self.is_ready = True

    def _stop_services(self) -> None:
        for service in (sagemaker, awslambda):
            for region in list(self._regions[service].values()):
                service.stop(region)


class _Connection(io.RawIOBase):
    """A client's connection that raises TimeoutError if the client stops sending or receiving.

    Each read and each write may take some seconds. With a deadline, all reads together end then.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._socket, self._seconds = connection, seconds
        self._deadline = 0.0
        self.limit_reading()

    def limit_reading(self) -> None:
        """End all reading after the time of one read from now."""
        self._deadline = time.monotonic() + self._seconds

    def allow_reading(self) -> None:
        """Limit the time of each read only."""
        self._deadline = float("inf")

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read what has arrived."""
        seconds = min(self._seconds, self._deadline - time.monotonic())
        if seconds <= 0:
            raise TimeoutError("the client did not finish its request in time")
        self._socket.settimeout(seconds)
        return self._socket.recv_into(buffer)

    def write(self, data: Any, /) -> int:
        """Send everything, however long it takes, unless the client stops receiving."""
        rest = memoryview(data).cast("B")
        while rest:
            self._socket.settimeout(self._seconds)
            rest = rest[self._socket.send(rest) :]
        return len(data)


class _Handler(WSGIRequestHandler):
    """Speaks HTTP/1.1 to patient clients, and keeps request lines out of the log."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """Limit the time of reads and writes."""
        super().setup()
        threading.current_thread().name = REQUEST
        self.rfile.close()
        application: Application = self.server.app  # type: ignore[assignment]
        self._client = _Connection(self.connection, application.settings.read_seconds)
        self.rfile = io.BufferedReader(self._client)
        self.wfile = self._client  # type: ignore[assignment]

    def make_environ(self) -> dict[str, Any]:
        """Return the environment of a request, whose headers have been read.

        Several Cookie headers are one list of cookies. WSGI joins other headers by commas.
        """
        self._client.allow_reading()
        environ: dict[str, Any] = super().make_environ()
        if isinstance(environ["wsgi.input"], DechunkedInput):
            environ["wsgi.input"] = DechunkedInput(WholeReads(self.rfile))  # type: ignore[arg-type]
        environ[access.SENT_HEADERS] = self.headers.items()
        if cookies := self.headers.get_all("Cookie"):
            environ["HTTP_COOKIE"] = "; ".join(cookies)
        return environ

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin the response; what the client still sends is read for a limited time."""
        self._client.limit_reading()
        super().send_response(code, message)

    def log_error(self, format: str, *arguments: Any) -> None:
        """Keep the errors of clients out of the log."""
        logging.getLogger(__name__).debug(format, *arguments)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        logging.getLogger(__name__).debug("%s %s", self.requestline, code)


def bind(settings: Settings) -> socket.socket:
    """Return a socket bound to the address of the settings; raise OSError if it is taken.

    Port 0 binds any free port. werkzeug would print its own advice and exit if it failed to bind.
    """
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def listen(application: Application, listener: socket.socket) -> BaseWSGIServer:
    """Return the server of an application on a socket, which is duplicated and closed."""
    with listener:
        return make_server(
            application.settings.host,
            application.settings.port,
            application,
            threaded=True,
            request_handler=_Handler,
            fd=listener.fileno(),
        )
