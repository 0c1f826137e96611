"""Write the output of jobs, containers, and functions to moto's CloudWatch Logs."""

import logging
import threading
import time
from collections import deque
from typing import Any

from moto.logs.models import logs_backends

from local_aws.settings import ACCOUNT_ID

log = logging.getLogger(__name__)
_LAST_LINES = 20
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
        event = {"timestamp": int(time.time() * 1000), "message": line}
        try:
            with _writing:
                if (stream := self._find()) is not None:
                    stream.put_log_events([event])
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
