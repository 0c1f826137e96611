"""A small HTTP/1.1 server on 127.0.0.1 that keeps connections open."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_model_server.rest import RestApi


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
