"""Read a request body in chunked transfer coding."""

from typing import IO


class WholeReads:
    """A stream for werkzeug's reader of chunks, which needs every read to be complete.

    When a body ends inside a chunk, that reader resizes the buffer that it is filling: the response
    then contains memory of the process, or the process ends with a segmentation fault.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.readline = stream.readline

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; raise OSError at the end of the stream."""
        content = self._stream.read(size)
        if len(content) < size:
            raise OSError("it ends inside a chunk")
        return content
