"""Read a request body in chunked transfer coding.

When a body ends inside a chunk, werkzeug's own reader resizes the buffer that it is filling: the
response then contains memory of the process, or the process ends with a segmentation fault.
"""

import io
import re
from typing import Any

_LINE_BYTES = 4096  # longest header or trailer of a chunk
_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")
_MOST_TRAILERS = 100


class ChunkedBody(io.RawIOBase):
    """The content of a stream's chunks; reading raises OSError if they are broken."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._remaining = 0  # bytes of the current chunk
        self._done = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer with the rest of one chunk; return 0 at the end of the body."""
        view = memoryview(buffer)
        if self._remaining == 0 and not self._done:
            self._begin_chunk()
        if self._done or len(view) == 0:
            return 0
        content = self._stream.read(min(len(view), self._remaining))
        if not content:
            raise OSError("it ends inside a chunk")
        view[: len(content)] = content
        self._remaining -= len(content)
        if self._remaining == 0 and self._line():
            raise OSError("a chunk is longer than its header says")
        return len(content)

    def _begin_chunk(self) -> None:
        digits = self._line().partition(b";")[0].strip()
        if not _SIZE.fullmatch(digits):
            raise OSError(f"a chunk begins with {digits[:20]!r}, which is not a number of bytes")
        self._remaining = int(digits, 16)
        if self._remaining == 0:
            self._done = True
            self._skip_trailers()

    def _skip_trailers(self) -> None:
        for _ in range(_MOST_TRAILERS):
            if not self._line():
                return
        raise OSError(f"more than {_MOST_TRAILERS} trailers follow it")

    def _line(self) -> bytes:
        return self._stream.readline(_LINE_BYTES).rstrip(b"\r\n")
