"""Read a request body in chunked transfer coding.

werkzeug's own reader changes the size of the buffer it is given when a body breaks off inside a
chunk: the answer then holds memory of the process, or the process ends by a segmentation fault.
"""

import io
import re
from typing import Any

_LINE_BYTES = 4096  # of a chunk's header or a trailer
_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")
_MOST_TRAILERS = 100


class ChunkedBody(io.RawIOBase):
    """The content of the chunks that a stream holds; OSError if they are broken."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._left = 0  # bytes of the chunk that is being read
        self._done = False

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer with what one chunk has left; 0 at the end of the body."""
        view = memoryview(buffer)
        if self._left == 0 and not self._done:
            self._begin_chunk()
        if self._done or len(view) == 0:
            return 0
        content = self._stream.read(min(len(view), self._left))
        if not content:
            raise OSError("it breaks off inside a chunk")
        view[: len(content)] = content
        self._left -= len(content)
        if self._left == 0 and self._line():
            raise OSError("a chunk is longer than its header says")
        return len(content)

    def _begin_chunk(self) -> None:
        digits = self._line().partition(b";")[0].strip()
        if not _SIZE.fullmatch(digits):
            raise OSError(f"a chunk begins with {digits[:20]!r}, no number of bytes")
        self._left = int(digits, 16)
        if self._left == 0:
            self._done = True
            self._skip_trailers()

    def _skip_trailers(self) -> None:
        for _ in range(_MOST_TRAILERS):
            if not self._line():
                return
        raise OSError(f"more than {_MOST_TRAILERS} trailers follow it")

    def _line(self) -> bytes:
        return self._stream.readline(_LINE_BYTES).rstrip(b"\r\n")
