"""Write the output of jobs, containers, and functions to moto's CloudWatch Logs."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from moto.logs.models import logs_backends

from local_aws.settings import ACCOUNT_ID

log = logging.getLogger(__name__)
_LAST_LINES = 20
_MESSAGE_BYTES = 262_144 - 26  # of UTF-8, the longest message that any account accepts
_DROP_SECONDS = 1.0  # what a stopping process writes after its log was deleted is dropped
_writing = threading.Lock()


class LogStream:
    """A log stream, which exists from the beginning, and again if it is deleted in use."""

    def __init__(self, region: str, group: str, stream: str) -> None:
        self.group, self.stream, self._region = group, stream, region
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._deleted: float | None = None  # the moment at which that was noticed
        self._create()

    def write(self, line: str) -> None:
        """Store a line; CloudWatch Logs refuses empty ones."""
        if not line:
            return
        self.last_lines.append(line)
        moment = int(time.time() * 1000)
        events = [{"timestamp": moment, "message": piece} for piece in _pieces(line)]
        try:
            with _writing:
                if (stream := self._find()) is not None:
                    stream.put_log_events(events)
        except Exception:
            log.exception("a line of %s was lost", self.group)

    def _create(self) -> None:
        backend = logs_backends[ACCOUNT_ID][self._region]
        backend.ensure_log_group(self.group)
        backend.ensure_log_stream(self.group, self.stream)
        self._deleted = None

    def _find(self) -> Any:
        """Return moto's stream, or None for a while after it was deleted."""
        group = logs_backends[ACCOUNT_ID][self._region].groups.get(self.group)
        if group is not None and self.stream in group.streams:
            return group.streams[self.stream]
        now = time.monotonic()
        self._deleted = self._deleted or now
        if now - self._deleted < _DROP_SECONDS:
            return None
        self._create()
        return self._find()


def _pieces(line: str) -> Iterator[str]:
    """Split a line, between characters, into messages that are short enough."""
    data = line.encode("utf-8", "replace")
    while len(data) > _MESSAGE_BYTES:
        end = _MESSAGE_BYTES
        while data[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        yield data[:end].decode()
        data = data[end:]
    yield data.decode()
