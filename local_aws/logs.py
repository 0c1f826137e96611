"""Write the output of jobs and containers to CloudWatch Logs in batches, in order."""

import logging
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.processes import closing

log = logging.getLogger(__name__)
_BATCH_EVENTS = 1000
_BATCH_BYTES = 1_048_576  # of UTF-8, the largest batch that CloudWatch Logs accepts
_EVENT_BYTES = 26  # added to the size of each event
_MESSAGE_BYTES = 262_144 - _EVENT_BYTES  # of UTF-8, the longest message that any account accepts
_PAUSE = 0.2  # seconds between batches


class LogStream:
    """A log stream whose queued lines are sent by a thread; close() sends the remaining ones."""

    def __init__(self, logs: Any, group: str, stream: str, keep: int = 20) -> None:
        self._logs, self.group, self.stream = logs, group, stream
        self._lines: queue.Queue[tuple[int, str] | None] = queue.Queue()
        self._keep = keep
        self.last_lines: list[str] = []
        create_quietly(logs.create_log_group, logGroupName=group)
        create_quietly(logs.create_log_stream, logGroupName=group, logStreamName=stream)
        self._thread = threading.Thread(target=self._send_all, daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Queue a line; CloudWatch Logs refuses empty ones."""
        if not line:
            return
        self.last_lines = [*self.last_lines[1 - self._keep :], line]
        self._lines.put((int(time.time() * 1000), line))

    def close(self) -> None:
        """Send the queued lines and end the thread."""
        self._lines.put(None)
        self._thread.join(timeout=30)

    def _send_all(self) -> None:
        is_open = True
        while is_open:
            items = [self._lines.get()]
            items += [self._lines.get() for _ in range(self._lines.qsize())]
            is_open = None not in items
            for batch in batches([item for item in items if item is not None]):
                self._send(batch)
            if is_open:
                time.sleep(_PAUSE)

    def _send(self, batch: list[dict[str, Any]]) -> None:
        try:
            self._logs.put_log_events(
                logGroupName=self.group, logStreamName=self.stream, logEvents=batch
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":  # deleted
                log.exception("%d lines of %s were lost", len(batch), self.group)
        except BotoCoreError:
            if not closing():
                log.exception("%d lines of %s were lost", len(batch), self.group)


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


def create_quietly(call: Any, **names: str) -> None:
    """Create a log group or stream, which may already exist."""
    try:
        call(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
