"""TensorFlow Serving's REST API, and a small HTTP/1.1 server on 127.0.0.1 for it."""

import logging
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from local_model_server.json_responses import error_body
from local_model_server.servables import Servables
from local_model_server.status import Status, invalid

log = logging.getLogger(__name__)
_MODEL = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]{1,19}))?"
_PATHS = {
    "GET": re.compile(rf"{_MODEL}(?P<metadata>/metadata)?"),
    "POST": re.compile(rf"{_MODEL}:(?P<verb>classify|regress|predict)"),
}


class RestApi:
    """Answers requests with a status and a JSON body."""

    def __init__(self, servables: Servables) -> None:
        self._servables = servables

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request."""
        try:
            return 200, self._answer(method, target.partition("?")[0], body)
        except Status as error:
            return error.http, error_body(error.text)
        except RecursionError:  # from the parser or from any later step
            return 400, error_body("JSON Parse error: The document is nested too deeply.")
        except Exception as error:
            log.exception("a request failed in the model server")
            return 500, error_body(f"{type(error).__name__}: {error}")

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        match = _PATHS[method].fullmatch(path)
        if match is None:
            raise invalid(f"Malformed request: {method} {path}")
        name = unquote(match["name"])
        version = int(match["version"]) if match["version"] else None
        if method == "GET" and not match["metadata"]:
            return self._servables.status(name, version)
        servable = self._servables.find(name, version)
        if method == "GET":
            return servable.metadata()
        verb = match["verb"]
        return servable.predict(body) if verb == "predict" else servable.infer(verb, body)


class RestServer(ThreadingHTTPServer):
    """Passes requests to the REST API, at most `threads` at a time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, api: RestApi, threads: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.api = api
        self.slots = threading.BoundedSemaphore(threads)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RestServer

    def _serve(self) -> None:
        body = self._body()
        with self.server.slots:
            status, content = self.server.api.answer(self.command, self.path, body)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        self.wfile.write(head.encode("ascii") + content)

    do_GET = do_POST = _serve

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, *_: Any) -> None:
        """Log nothing per request, like the real server."""
