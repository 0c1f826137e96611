"""Requests sent as bytes over a socket, as no HTTP library would send them."""

import errno
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")
_PATIENCE = 60.0  # seconds without a byte before a test gives up
_CONTINUE = 100
_HEARD_ENOUGH = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)  # it closed before all was sent


@dataclass(frozen=True)
class RawAnswer:
    """Everything that came back until the connection was closed; the status of the answer.

    A server that closes with bytes of the request unread resets the connection, and what it had
    answered may be lost on the way.
    """

    status: int | None
    content: bytes
    reset: bool = False

    @property
    def body(self) -> bytes:
        """What follows the headers of the first answer."""
        return self.content.partition(b"\r\n\r\n")[2]


def send_raw(url: str, request: bytes) -> RawAnswer:
    """Send bytes, say that no more will come, and read to the end."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=_PATIENCE) as connection:
        content, reset = b"", False
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                content += part
        except OSError as error:
            if error.errno not in _HEARD_ENOUGH:
                raise
            reset = True
    statuses = [int(found) for found in _STATUS.findall(content)]
    final = [status for status in statuses if status != _CONTINUE]
    return RawAnswer(final[0] if final else None, content, reset)
