"""The Lambda Runtime API of one function process: next, response, error, init/error.

The first request for an event means that the init is done. Everything that the process posts is
kept until the caller takes it.
"""

import io
import json
import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from queue import Empty, SimpleQueue
from typing import Any

_PREFIX = "/2018-06-01/runtime"
_INVOCATION = re.compile(_PREFIX + r"/invocation/(?P<id>[^/]+)/(?P<kind>response|error)")
MAX_RESPONSE_BYTES = 6_291_556  # 6 MB and 100 bytes, which is the number in AWS's message
INIT = ""  # stands for the id of an event until the first one is requested
_MAX_LINE_BYTES, _KEPT_LINE_BYTES = 2**21, 8192


@dataclass(frozen=True)
class Event:
    """The next event of a function process."""

    request_id: str
    payload: bytes
    deadline: float  # seconds since 1970
    function_arn: str
    trace_id: str


@dataclass(frozen=True)
class Posted:
    """A response to an event, or an error."""

    body: bytes
    is_error: bool
    too_large: bool = False


class RuntimeApi:
    """A server on a port of its own, for one process that handles one event after another."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._events: SimpleQueue[Event | None] = SimpleQueue()  # None once the server is closed
        self._posts: SimpleQueue[Posted | None] = SimpleQueue()  # None wakes the caller
        self._expected: str | None = INIT  # the id of the event in progress
        self._accepting_post = threading.Lock()
        threading.Thread(target=self._accept, name="runtime-api", daemon=True).start()

    def send(self, event: Event) -> None:
        """Deliver the next event to the process."""
        self._expected = event.request_id
        self._events.put(event)

    def wait(self, seconds: float) -> Posted | None:
        """Wait for the end of the init (its error, or nothing), or for the response to an event.

        Return None after the given time, or if wake() was called.
        """
        try:
            posted = self._posts.get(timeout=max(0.0, seconds))
            while posted is None:
                posted = self._posts.get_nowait()
        except Empty:
            return None
        return posted

    def wake(self) -> None:
        """Make a waiting caller check again whether the process still runs."""
        self._posts.put(None)

    def close(self) -> None:
        """Accept no more requests, and end those that wait for an event."""
        self._events.put(None)
        with suppress(OSError):  # not every system can shut down a listening socket
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
        self._listener.close()

    # For the handler of a connection:

    def next_event(self) -> Event | None:
        """Wait for the next event; return None once the server is closed."""
        self.post(INIT, Posted(b"", is_error=False))
        event = self._events.get()
        if event is None:
            self._events.put(None)  # for other connections
        return event

    def post(self, request_id: str, posted: Posted) -> bool:
        """Pass on the first response to the event in progress; return False for any other one."""
        with self._accepting_post:
            if request_id != self._expected:
                return False
            self._expected = None
        self._posts.put(posted)
        return True

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        server: Any = self  # the handler only uses the methods above
        with connection, suppress(ConnectionError):  # the process may end during a request
            _Handler(connection, address, server)


class _LongLines(io.BufferedReader):
    """A request whose longest headers, which nothing reads here, are cut off instead of refused.

    The runtime sends the stack of an error to X-Ray in a header of up to 1 MB.
    """

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a whole line, or its beginning if it is too long for Python's parser."""
        line = super().readline(_MAX_LINE_BYTES)
        return line if len(line) <= _KEPT_LINE_BYTES else line[:_KEPT_LINE_BYTES] + b"\r\n"


class _Handler(BaseHTTPRequestHandler):
    """One connection of the process, which awslambdaric keeps for all its events."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # sends head and body together
    server: Any

    def setup(self) -> None:
        """Accept long headers."""
        super().setup()
        self.rfile = _LongLines(self.rfile.detach())

    def do_GET(self) -> None:
        """Send the next event."""
        if self.path != f"{_PREFIX}/invocation/next":
            self._respond(404, errorMessage=f"no such path: {self.path}")
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
        """Receive a response or an error."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.close_connection = True
            self._respond(411, errorMessage="a Content-Length is required")
            return
        too_large = int(length) > MAX_RESPONSE_BYTES
        body = b"" if too_large else self.rfile.read(int(length))
        if too_large:  # the process is ended, so nothing reads the rest
            self.close_connection = True
        elif len(body) < int(length):  # the process ended within its response
            raise ConnectionResetError
        match = _INVOCATION.fullmatch(self.path)
        if self.path == f"{_PREFIX}/init/error":
            self.server.post(INIT, Posted(body, is_error=True))
            self._respond(202, status="OK")
        elif match is None:
            self._respond(404, errorMessage=f"no such path: {self.path}")
        elif not self.server.post(match["id"], Posted(body, match["kind"] == "error", too_large)):
            self._respond(400, errorType="InvalidRequestID", errorMessage="not this event")
        else:
            self._respond(202, status="OK")

    def _respond(self, status: int, /, **content: str) -> None:
        body = json.dumps(content).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _headers(event: Event) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Content-Length": str(len(event.payload)),
        "Lambda-Runtime-Aws-Request-Id": event.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(event.deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
        "Lambda-Runtime-Trace-Id": event.trace_id,
    }
