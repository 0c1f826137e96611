"""Write the output of jobs and containers to CloudWatch Logs, in batches and in order."""

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
_BATCH_BYTES = 1_048_576  # of UTF-8, what CloudWatch Logs takes at once
_EVENT_BYTES = 26  # counted with every event
_MESSAGE_BYTES = 262_144 - _EVENT_BYTES  # of UTF-8, the longest message that every account takes
_PAUSE = 0.2  # seconds between batches
_NOTHING_YET = object()


class LogStream:
    """One log stream; lines are queued, a thread of its own sends them, close() sends the rest."""

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
        """Queue one line, a long one in pieces; CloudWatch Logs refuses empty lines."""
        if not line:
            return
        self.last_lines = [*self.last_lines[1 - self._keep :], line]
        time_ms = int(time.time() * 1000)
        for piece in _pieces(line):
            self._lines.put((time_ms, piece))

    def close(self) -> None:
        """Send what is queued and end the thread."""
        self._lines.put(None)
        self._thread.join(timeout=30)

    def _send_all(self) -> None:
        item = self._lines.get()
        while item is not None:
            batch, item = self._batch(item)
            self._send(batch)
            if item is _NOTHING_YET:
                time.sleep(_PAUSE)
                item = self._lines.get()

    def _batch(self, item: Any) -> tuple[list[dict[str, Any]], Any]:
        """Return the lines that go together from this one on, and what comes after them."""
        batch: list[dict[str, Any]] = []
        free = _BATCH_BYTES
        while item is not None and item is not _NOTHING_YET and len(batch) < _BATCH_EVENTS:
            free -= len(item[1].encode("utf-8", "replace")) + _EVENT_BYTES
            if batch and free < 0:
                break
            batch.append({"timestamp": item[0], "message": item[1]})
            try:
                item = self._lines.get_nowait()
            except queue.Empty:
                item = _NOTHING_YET
        return batch, item

    def _send(self, batch: list[dict[str, Any]]) -> None:
        try:
            self._logs.put_log_events(
                logGroupName=self.group, logStreamName=self.stream, logEvents=batch
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":  # it was deleted
                log.exception("%d lines of %s were lost", len(batch), self.group)
        except BotoCoreError:
            if not closing():
                log.exception("%d lines of %s were lost", len(batch), self.group)


def batches(lines: list[tuple[int, str]]) -> Iterator[list[dict[str, Any]]]:
    """Cut lines with their times (ms) into batches of events that CloudWatch Logs takes at once."""
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
    """Cut a line, between characters, into messages that are not too long."""
    data = line.encode("utf-8", "replace")
    while len(data) > _MESSAGE_BYTES:
        end = _MESSAGE_BYTES
        while data[end] & 0xC0 == 0x80:  # the middle of a character
            end -= 1
        yield data[:end].decode()
        data = data[end:]
    yield data.decode()


def create_quietly(call: Any, **names: str) -> None:
    """Create a log group or stream that may exist already."""
    try:
        call(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
