"""Pass on the output of a child process line by line, as it comes or on demand."""

import logging
import os
import select
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import IO

log = logging.getLogger(__name__)
_PIPE_BYTES = 65_536  # the capacity of a pipe on Linux and macOS
_PAUSE = 0.001  # seconds between reads, in which drain() can take the lock
_LINE_CHARACTERS = 256_000  # a longer line, which may never end, is passed on in parts


class Output:
    """The read end of a pipe, whose lines are passed to `on_line`."""

    def __init__(
        self, stream: IO[bytes], on_line: Callable[[str], None], on_end: Callable[[], None]
    ) -> None:
        self._stream, self._on_line, self._on_end = stream, on_line, on_end
        self._reading = threading.Lock()
        self._ended = False
        self._partial = ""
        self._decoder = getincrementaldecoder("utf-8")("replace")  # a read may split a character

    def read(self) -> None:
        """Pass on all lines until the pipe is closed."""
        poll = self._poll()
        with self._stream:
            while not self._ended:
                poll.poll()
                with self._reading:
                    self._read_available()
                time.sleep(_PAUSE)
        self._on_end()

    def drain(self) -> None:
        """Pass on everything that has been written so far; text without a line end is a line.

        At most one pipe's capacity is read, because a process may write forever.
        """
        with self._reading:
            if self._read_available() and self._partial:
                self._pass_on("\n")

    def _read_available(self) -> bool:
        """Pass on at most one pipe's capacity; return whether nothing is left."""
        if self._ended:
            return True
        poll, remaining = self._poll(), _PIPE_BYTES
        while remaining > 0 and not self._ended and poll.poll(0):
            data = os.read(self._stream.fileno(), remaining)
            remaining -= len(data)
            self._ended = not data
            self._pass_on(self._decoder.decode(data, final=self._ended))
        return self._ended or not poll.poll(0)

    def _pass_on(self, text: str) -> None:
        *lines, self._partial = (self._partial + text).split("\n")
        if len(self._partial) > _LINE_CHARACTERS or (self._ended and self._partial):
            lines.append(self._partial)
            self._partial = ""
        for line in lines:
            try:
                self._on_line(line.rstrip("\r"))
            except Exception:  # keep reading: a full or closed pipe would block the process
                log.exception("a line of output was lost")

    def _poll(self) -> select.poll:
        """Return a poll for one thread; select() cannot handle descriptors above 1023."""
        poll = select.poll()
        poll.register(self._stream, select.POLLIN)
        return poll
