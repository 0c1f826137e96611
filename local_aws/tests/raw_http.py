"""Send requests as bytes over a socket, in ways that HTTP libraries do not."""

import errno
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")
_TIMEOUT = 60.0  # seconds without a byte before a test gives up
_CONTINUE = 100
_CLOSED_EARLY = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)


@dataclass(frozen=True)
class RawAnswer:
    """Everything received until the connection closed, and the status of the response.

    A server that closes before it has read the whole request resets the connection, and its
    response may be lost.
    """

    status: int | None
    content: bytes
    reset: bool = False

    @property
    def body(self) -> bytes:
        """Everything after the headers of the first response."""
        return self.content.partition(b"\r\n\r\n")[2]


def send_raw(url: str, request: bytes) -> RawAnswer:
    """Send bytes, close the sending side, and read to the end."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=_TIMEOUT) as connection:
        content, reset = b"", False
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                content += part
        except OSError as error:
            if error.errno not in _CLOSED_EARLY:
                raise
            reset = True
    statuses = [int(status) for status in _STATUS.findall(content)]
    final = [status for status in statuses if status != _CONTINUE]
    return RawAnswer(final[0] if final else None, content, reset)
