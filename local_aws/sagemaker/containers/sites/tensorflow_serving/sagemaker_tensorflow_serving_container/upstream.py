"""Connections to the model servers, kept open between requests."""

import http.client
import itertools
from collections import deque
from urllib.parse import quote

_SECONDS = 60.0
_KEPT = 64  # idle connections to one model server


class Upstream:
    """The model servers' REST ports, asked in turn."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = itertools.cycle(ports)
        self._idle: dict[int, deque[http.client.HTTPConnection]] = {
            port: deque(maxlen=_KEPT) for port in ports
        }

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return status and body; raise OSError or HTTPException if there is no answer."""
        target = quote(path, safe="/:%")  # the older container takes any model's name
        port = next(self._ports)
        idle = self._idle[port]
        while True:
            fresh = not idle
            connection = self._open(port) if fresh else idle.pop()
            try:
                connection.request(method, target, body)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if fresh or isinstance(error, TimeoutError):  # it may be at work on it still
                    raise
                continue  # the connection was kept for longer than its server lived
            if not answer.will_close:
                idle.append(connection)
            return answer.status, content

    def _open(self, port: int) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
