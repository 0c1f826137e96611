"""The process of one execution environment, whose output can be read up to this moment."""

import logging
import os
import select
import sys
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from local_aws.processes import LIFELINE, ChildProcess

log = logging.getLogger(__name__)
_BOOTSTRAP = Path(__file__).parent / "site" / "bootstrap.py"
_PIPE_BYTES = 65_536  # that a pipe holds, on Linux and macOS
_PAUSE = 0.001  # seconds between readings, in which drain() gets its turn
_LINE_CHARACTERS = 256_000  # of a line that are handed on at once; whole, it might never end


class FunctionProcess(ChildProcess):
    """A function under awslambdaric; its lines are handed on as they come, or when asked for."""

    def __init__(
        self,
        paths: tuple[Path, ...],  # the runtime's folder, the code, and more folders of packages
        env: Mapping[str, str],
        on_line: Callable[[str], None],
        on_end: Callable[[], None],
    ) -> None:
        self._reading = threading.Lock()
        self._ended = False
        self._rest = ""
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._on_end = on_end
        command = [sys.executable, "-S", "-B", str(_BOOTSTRAP), str(LIFELINE), *map(str, paths)]
        super().__init__(command, env, paths[1], on_line)

    def drain(self) -> None:
        """Hand on what the process has written by now.

        A runtime writes its output before it posts its answer, so after the answer the output of
        the invocation is in the pipe, whether the reading thread has seen it yet or not. No more is
        read than a pipe holds: a process may write without end, and its time-out is due.
        """
        with self._reading:
            self._read_what_is_there()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - PIPE was asked for
        waiting = _poll_of(stream)
        with stream:
            while not self._ended:
                waiting.poll()
                with self._reading:
                    self._read_what_is_there()
                time.sleep(_PAUSE)
            self._on_end()

    def _read_what_is_there(self) -> None:
        stream = self._process.stdout
        if stream is None or self._ended:
            return
        waiting = _poll_of(stream)
        left = _PIPE_BYTES
        while left > 0 and not self._ended and waiting.poll(0):
            data = os.read(stream.fileno(), left)
            left -= len(data)
            self._ended = not data
            self._hand_on(self._decoder.decode(data, final=self._ended))

    def _hand_on(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > _LINE_CHARACTERS or (self._ended and self._rest):
            lines.append(self._rest)
            self._rest = ""
        for line in lines:
            try:
                self._on_line(line)
            except Exception:  # read on: a process with a full pipe would stand still
                log.exception("a line of output was lost")


def _poll_of(stream: IO[bytes]) -> select.poll:
    """Return what waits for a stream; select() takes no file number beyond 1023."""
    waiting = select.poll()
    waiting.register(stream, select.POLLIN)
    return waiting
