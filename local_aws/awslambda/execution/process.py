"""The process of one execution environment, whose output can be read up to the present moment."""

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
OWN_TMP_VARIABLE = "LOCAL_AWS_OWN_TMP"  # the folder that becomes /tmp of the process
# What a process needs of this Python, even if that is below /tmp.
_PYTHON = (sys.prefix, sys.base_prefix)
_PIPE_BYTES = 65_536  # the capacity of a pipe on Linux and macOS
_PAUSE = 0.001  # seconds between reads, in which drain() can take the lock
_LINE_CHARACTERS = 256_000  # a longer line, which may never end, is passed on in parts


class FunctionProcess(ChildProcess):
    """A function under awslambdaric, whose lines are passed on as they come or on demand."""

    def __init__(
        self,
        python: Path,
        paths: tuple[Path, ...],  # the folders of the runtime, the code, and more packages
        env: Mapping[str, str],
        on_line: Callable[[str], None],
        on_end: Callable[[], None],
    ) -> None:
        self._reading = threading.Lock()
        self._ended = False
        self._partial = ""
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._on_end = on_end
        visible = os.pathsep.join(
            [*_PYTHON, str(python.resolve().parents[1]), str(LIFELINE), *map(str, paths)]
        )
        env = {**env, "LOCAL_AWS_VISIBLE": visible} if OWN_TMP_VARIABLE in env else env
        command = [str(python), "-S", "-B", str(_BOOTSTRAP), str(LIFELINE), *map(str, paths)]
        super().__init__(command, env, paths[1], on_line)

    def drain(self) -> None:
        """Pass on everything that the process has written so far.

        A runtime writes its output before it posts its response, so after the response all output
        of the event is in the pipe, even if the reading thread has not seen it. Text without a line
        end is a line of this event, not of the next one. At most one pipe's capacity is read,
        because a process may write forever past its timeout.
        """
        with self._reading:
            if self._read_available() and self._partial:
                self._pass_on("\n")

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - the process was started with a pipe
        poll = _poll_of(stream)
        with stream:
            while not self._ended:
                poll.poll()
                with self._reading:
                    self._read_available()
                time.sleep(_PAUSE)
            self._on_end()

    def _read_available(self) -> bool:
        """Pass on at most one pipe's capacity; return whether nothing is left."""
        stream = self._process.stdout
        if stream is None or self._ended:
            return True
        poll = _poll_of(stream)
        remaining = _PIPE_BYTES
        while remaining > 0 and not self._ended and poll.poll(0):
            data = os.read(stream.fileno(), remaining)
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
                self._on_line(line)
            except Exception:  # keep reading: a full pipe would block the process
                log.exception("a line of output was lost")


def _poll_of(stream: IO[bytes]) -> select.poll:
    """Return a poll of a stream; select() cannot handle descriptors above 1023."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return poll
