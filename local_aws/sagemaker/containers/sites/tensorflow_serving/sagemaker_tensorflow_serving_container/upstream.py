"""Connections to the model servers that stay open between requests."""

import http.client
import itertools
from collections import deque
from urllib.parse import quote

_TIMEOUT_SECONDS = 60.0
_MAX_IDLE = 64  # connections per model server


class Upstream:
    """A client of the model servers' REST ports that uses them in turn."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = itertools.cycle(ports)
        self._idle: dict[int, deque[http.client.HTTPConnection]] = {
            port: deque(maxlen=_MAX_IDLE) for port in ports
        }

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return status and body; raise OSError or HTTPException if there is no response."""
        target = quote(path, safe="/:%")  # the older container does not check a model's name
        port = next(self._ports)
        idle = self._idle[port]
        while True:
            is_new = not idle
            connection = self._open(port) if is_new else idle.pop()
            try:
                connection.request(method, target, body)
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # After a timeout, the server may still be working on the request.
                if is_new or isinstance(error, TimeoutError):
                    raise
                continue  # the server has closed the idle connection, or has been restarted
            if not response.will_close:
                idle.append(connection)
            return response.status, content

    def _open(self, port: int) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
