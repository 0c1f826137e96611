"""Write the output of jobs and containers to CloudWatch Logs, in batches and in order."""

import queue
import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_BATCH_EVENTS = 1000
_BATCH_BYTES = 900_000  # CloudWatch Logs takes 1 MB and 26 bytes an event
_PAUSE = 0.2  # seconds between batches


class LogStream:
    """One log stream; lines are queued, a thread of its own sends them, close() sends the rest."""

    def __init__(self, logs: Any, group: str, stream: str, keep: int = 20) -> None:
        self._logs, self.group, self.stream = logs, group, stream
        self._lines: queue.Queue[tuple[int, str] | None] = queue.Queue()
        self._keep = keep
        self.last_lines: list[str] = []
        _create(logs.create_log_group, logGroupName=group)
        _create(logs.create_log_stream, logGroupName=group, logStreamName=stream)
        self._thread = threading.Thread(target=self._send_all, daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Queue one line; empty lines are left out, as CloudWatch Logs refuses them."""
        if not line:
            return
        self.last_lines = [*self.last_lines[1 - self._keep :], line]
        self._lines.put((int(time.time() * 1000), line))

    def close(self) -> None:
        """Send what is queued and end the thread."""
        self._lines.put(None)
        self._thread.join(timeout=30)

    def _send_all(self) -> None:
        ended = False
        while not ended:
            batch: list[dict[str, Any]] = []
            size = 0
            item = self._lines.get()
            while item is not None:
                batch.append({"timestamp": item[0], "message": item[1]})
                size += len(item[1]) + 26
                if len(batch) == _BATCH_EVENTS or size > _BATCH_BYTES:
                    break
                try:
                    item = self._lines.get_nowait()
                except queue.Empty:
                    break
            ended = item is None
            if batch:
                self._send(batch)
            if not ended:
                time.sleep(_PAUSE)

    def _send(self, batch: list[dict[str, Any]]) -> None:
        try:
            self._logs.put_log_events(
                logGroupName=self.group, logStreamName=self.stream, logEvents=batch
            )
        except (BotoCoreError, ClientError):
            # The group was deleted, or the local AWS is going down: there is nobody to read it.
            return


def _create(call: Any, **names: str) -> None:
    try:
        call(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
