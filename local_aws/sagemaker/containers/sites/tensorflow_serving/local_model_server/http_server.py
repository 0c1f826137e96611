"""A small HTTP/1.1 server on 127.0.0.1 that keeps connections open."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_model_server.rest import RestApi

_LENGTH_DIGITS = 18
_MAX_BODY_BYTES = 2**30  # SageMaker's own limit is far lower


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
        if body is None:
            self.close_connection = True
            self._respond(400, b"")
            return
        with self.server.slots:
            status, content = self.server.api.answer(self.command, self.path, body)
        self._respond(status, content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS):
            return None
        return self.rfile.read(int(length)) if int(length) <= _MAX_BODY_BYTES else None

    def _chunks(self) -> bytes | None:
        parts = []
        while True:
            try:
                size = int(self.rfile.readline(64).partition(b";")[0], 16)
            except ValueError:
                return None
            if not 0 <= size <= _MAX_BODY_BYTES:
                return None
            parts.append(self.rfile.read(size))
            if self.rfile.readline(64) != b"\r\n":
                return None
            if size == 0:
                return b"".join(parts)

    def _respond(self, status: int, content: bytes) -> None:
        connection = "Connection: close\r\n" if self.close_connection else ""
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n{connection}\r\n"
        )
        self.wfile.write(head.encode("ascii") + content)

    def log_message(self, *_: Any) -> None:
        """Log nothing per request, like the real server."""
