"""The Lambda Runtime API of one function process: next, response, error, init/error.

The process says with its first request for the next event that its init is done. What it posts is
kept until the caller takes it; all waiting is on one condition.
"""

import json
import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

_PREFIX = "/2018-06-01/runtime"
_INVOCATION = re.compile(_PREFIX + r"/invocation/(?P<id>[^/]+)/(?P<kind>response|error)")
MOST_ANSWER_BYTES = 6_291_556  # 6 MB, and the 100 bytes that AWS's own message counts with
_CHUNK = 65_536


@dataclass(frozen=True)
class Event:
    """What a function process gets as its next event."""

    request_id: str
    payload: bytes
    deadline: float  # seconds since 1970
    function_arn: str
    trace_id: str
    client_context: str | None = None


@dataclass(frozen=True)
class Posted:
    """What a function process posted: the answer to an event, or an error."""

    body: bytes
    is_error: bool
    too_large: bool = False


class RuntimeApi:
    """A server on a port of its own, for one process that handles one event after another."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._changed = threading.Condition()
        self._closed = self._woken = False
        self._asked = False  # for an event, at least once
        self._event: Event | None = None
        self._expected: str | None = None  # the id of the event the process works on
        self._posted: Posted | None = None
        self._init_error: bytes | None = None
        threading.Thread(target=self._accept, name="runtime-api", daemon=True).start()

    def wait_for_init(self, seconds: float) -> tuple[bool, bytes | None]:
        """Wait until the process asks for an event or posts an init error, or for some seconds."""
        with self._changed:
            self._changed.wait_for(self._init_ended, seconds)
            self._woken = False
            return self._asked, self._init_error

    def _init_ended(self) -> bool:
        return self._asked or self._init_error is not None or self._woken

    def send(self, event: Event) -> None:
        """Hand the next event to the process."""
        with self._changed:
            self._posted, self._event, self._expected = None, event, event.request_id
            self._changed.notify_all()

    def wait_for_answer(self, seconds: float) -> Posted | None:
        """Wait for what the process posts about the event, for at most some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._posted is not None or self._woken, seconds)
            self._woken = False
            return self._posted

    def wake(self) -> None:
        """Let whoever waits look again whether the process still runs."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """Take no more requests, and end those that wait for an event."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        with suppress(OSError):  # not every system lets a listening socket be shut down
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    # What the handler of a connection calls:

    def next_event(self) -> Event | None:
        """Wait for the next event; None once the server is closed."""
        with self._changed:
            self._asked = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._event is not None or self._closed)
            event, self._event = self._event, None
            return event

    def post(self, request_id: str, posted: Posted) -> bool:
        """Keep what was posted about an event; False unless the process works on that one."""
        with self._changed:
            if request_id != self._expected:
                return False
            self._expected, self._posted = None, posted
            self._changed.notify_all()
            return True

    def post_init_error(self, body: bytes) -> None:
        """Keep the error that ended the init."""
        with self._changed:
            self._init_error = body
            self._changed.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        server: Any = self  # all that the handler asks of it is what stands above
        with connection, suppress(ConnectionError):  # the process may end in the midst of a request
            _Handler(connection, address, server)


class _Handler(BaseHTTPRequestHandler):
    """One connection of the process; awslambdaric keeps it for all its events."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    server: Any

    def do_GET(self) -> None:
        """Answer the next event."""
        if self.path != f"{_PREFIX}/invocation/next":
            self._answer(404, {"errorMessage": f"no such path: {self.path}"})
            return
        event = self.server.next_event()
        if event is None:
            self.close_connection = True
            return
        self.send_response_only(200)
        for name, value in _headers(event).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(event.payload)

    def do_POST(self) -> None:
        """Take an answer or an error."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.close_connection = True
            self._answer(411, {"errorMessage": "a Content-Length is needed"})
            return
        body, too_large = self._body(int(length))
        if self.path == f"{_PREFIX}/init/error":
            self.server.post_init_error(body)
            self._answer(202, {"status": "OK"})
            return
        found = _INVOCATION.fullmatch(self.path)
        if found is None:
            self._answer(404, {"errorMessage": f"no such path: {self.path}"})
            return
        posted = Posted(body, found["kind"] == "error", too_large)
        if not self.server.post(found["id"], posted):
            self._answer(400, {"errorType": "InvalidRequestID", "errorMessage": "not this event"})
        elif too_large:
            self._answer(413, {"errorType": "RequestEntityTooLarge", "errorMessage": "too large"})
        else:
            self._answer(202, {"status": "OK"})

    def _body(self, length: int) -> tuple[bytes, bool]:
        """Read a body; of one that is too large only that it is."""
        if length <= MOST_ANSWER_BYTES:
            body = self.rfile.read(length)
            if len(body) < length:  # the process ended amid its answer, which is none then
                raise ConnectionResetError
            return body, False
        while length > 0:
            piece = self.rfile.read(min(length, _CHUNK))
            if not piece:
                raise ConnectionResetError
            length -= len(piece)
        return b"", True

    def _answer(self, status: int, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _headers(event: Event) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(event.payload)),
        "Lambda-Runtime-Aws-Request-Id": event.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(event.deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
        "Lambda-Runtime-Trace-Id": event.trace_id,
    }
    if event.client_context is not None:
        headers["Lambda-Runtime-Client-Context"] = event.client_context
    return headers
