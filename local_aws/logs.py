"""Write the output of jobs, containers, and functions to CloudWatch Logs in batches, in order.

Nothing that writes a line waits for it. The pause between rounds grows with the duration of a
round, which limits the share of the processor that logging takes.
"""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.processes import closing, pause

log = logging.getLogger(__name__)
_BATCH_EVENTS = 1000
_BATCH_BYTES = 1_048_576  # of UTF-8, the largest batch that CloudWatch Logs accepts
_EVENT_BYTES = 26  # added to the size of each event
_MESSAGE_BYTES = 262_144 - _EVENT_BYTES  # of UTF-8, the longest message that any account accepts
_MIN_PAUSE = 0.2  # seconds between rounds
_PAUSE_RATIO = 4  # pauses take at least four times as long as rounds
_LAST_LINES = 20
Stream = tuple[str, str]  # log group and log stream


class LogWriter:
    """Lines by stream, which a thread sends in rounds until it has no more."""

    def __init__(self, logs: Any) -> None:
        self._logs = logs
        self._lines: dict[Stream, list[tuple[int, str]]] = defaultdict(list)
        self._created: set[Stream] = set()
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, stream: Stream, line: str) -> None:
        """Queue one line; CloudWatch Logs refuses empty ones."""
        if not line:
            return
        with self._lock:
            self._lines[stream].append((int(time.time() * 1000), line))
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_rounds, daemon=True)
                self._thread.start()

    def create(self, stream: Stream) -> None:
        """Create a stream and its group, unless that is done."""
        if stream not in self._created:
            group, name = stream
            _create_quietly(self._logs.create_log_group, logGroupName=group)
            _create_quietly(self._logs.create_log_stream, logGroupName=group, logStreamName=name)
            self._created.add(stream)

    def flush(self) -> bool:
        """Send the queued lines; return whether there were any."""
        with self._sending:
            with self._lock:
                lines, self._lines = self._lines, defaultdict(list)
            for stream, queued in lines.items():
                self._send(stream, queued)
        return bool(lines)

    def _send_rounds(self) -> None:
        while not closing():
            pause(_MIN_PAUSE)
            started = time.monotonic()
            if not self.flush():
                with self._lock:
                    if not self._lines:
                        self._thread = None
                        return
            pause(_PAUSE_RATIO * (time.monotonic() - started))

    def _send(self, stream: Stream, lines: list[tuple[int, str]]) -> None:
        group, name = stream
        try:
            self.create(stream)
            for batch in batches(lines):
                self._logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)
        except ClientError as error:
            self._created.discard(stream)  # if it was deleted, the next lines create it again
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                log.exception("%d lines of %s were lost", len(lines), group)
        except BotoCoreError:
            if not closing():
                log.exception("%d lines of %s were lost", len(lines), group)


class LogStream:
    """A log stream, which exists from the beginning; close() sends the remaining lines."""

    def __init__(self, logs: Any, group: str, stream: str) -> None:
        self.group, self.stream = group, stream
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._writer = LogWriter(logs)
        self._writer.create((group, stream))

    def write(self, line: str) -> None:
        """Queue a line."""
        if line:
            self.last_lines.append(line)
            self._writer.write((self.group, self.stream), line)

    def close(self) -> None:
        """Send the queued lines."""
        self._writer.flush()


def batches(lines: list[tuple[int, str]]) -> Iterator[list[dict[str, Any]]]:
    """Split lines with their times (ms) into the batches that CloudWatch Logs accepts."""
    batch: list[dict[str, Any]] = []
    free = _BATCH_BYTES
    for time_ms, line in lines:
        for piece in _pieces(line):
            size = len(piece.encode("utf-8", "replace")) + _EVENT_BYTES
            if batch and (size > free or len(batch) == _BATCH_EVENTS):
                yield batch
                batch, free = [], _BATCH_BYTES
            batch.append({"timestamp": time_ms, "message": piece})
            free -= size
    if batch:
        yield batch


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


def _create_quietly(call: Any, **names: str) -> None:
    """Create a log group or stream, which may already exist."""
    try:
        call(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
