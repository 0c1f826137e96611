"""Write the lines of all functions to CloudWatch Logs, in order, in one background thread.

No call waits for it. The pause between rounds grows with the duration of a round, which limits the
share of the processor that logging takes.
"""

import logging
import threading
import time
from collections import defaultdict
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.logs import batches, create_quietly
from local_aws.processes import closing, pause

log = logging.getLogger(__name__)
_MIN_PAUSE = 0.2  # seconds between rounds
_PAUSE_RATIO = 4  # pauses take at least four times as long as rounds
Stream = tuple[str, str]  # log group and log stream


class LogWriter:
    """Lines by stream, which are sent in rounds."""

    def __init__(self, logs: Any) -> None:
        self._logs = logs
        self._lines: dict[Stream, list[tuple[int, str]]] = defaultdict(list)
        self._created: set[Stream] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, stream: Stream, line: str) -> None:
        """Queue one line; CloudWatch Logs refuses empty ones."""
        if not line:
            return
        with self._lock:
            self._lines[stream].append((int(time.time() * 1000), line))
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_all, daemon=True)
                self._thread.start()

    def _send_all(self) -> None:
        """Send the queued lines, round by round, until a pause passes without a new line."""
        while not closing():
            pause(_MIN_PAUSE)
            with self._lock:
                lines, self._lines = self._lines, defaultdict(list)
                if not lines:
                    self._thread = None
                    return
            started = time.monotonic()
            for stream, queued in lines.items():
                self._send(stream, queued)
            pause(_PAUSE_RATIO * (time.monotonic() - started))

    def _send(self, stream: Stream, lines: list[tuple[int, str]]) -> None:
        group, name = stream
        try:
            if stream not in self._created:
                create_quietly(self._logs.create_log_group, logGroupName=group)
                create_quietly(self._logs.create_log_stream, logGroupName=group, logStreamName=name)
                self._created.add(stream)
            for batch in batches(lines):
                self._logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)
        except ClientError as error:
            self._created.discard(stream)  # if it was deleted, the next lines create it again
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                log.exception("%d lines of %s were lost", len(lines), group)
        except BotoCoreError:
            if not closing():
                log.exception("%d lines of %s were lost", len(lines), group)
