"""An execution environment of one version of a function, with its log stream."""

import platform
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program, Result
from local_aws.awslambda.execution.log_lines import LogLines
from local_aws.logs import LogStream

_TAIL_BYTES = 4096


class Worker:
    """One process that handles one event at a time and writes to its own log stream."""

    def __init__(
        self, configuration: dict[str, Any], program: Program, folder: Path, log: LogStream
    ) -> None:
        log_format, version = configuration["LoggingConfig"]["LogFormat"], configuration["Version"]
        self._log, self._lines = log, LogLines(log_format, program.memory_mb, version)
        self._tail: deque[str] = deque(maxlen=_TAIL_BYTES)  # lines of at least one byte
        self.last_used = time.monotonic()
        self._environment = ExecutionEnvironment(program, folder, self._write, self._init_failed)

    @property
    def is_usable(self) -> bool:
        """Return whether it can handle another event."""
        return self._environment.is_usable

    def init(self) -> None:
        """Start it."""
        self._write(self._lines.init_start())
        self._environment.init()

    def run(self, payload: bytes, request_id: str, arn: str) -> tuple[Result, bytes]:
        """Handle an event; return its result and the last part of its log."""
        self._tail.clear()
        self._write(self._lines.start(request_id))
        result = self._environment.invoke(payload, request_id, arn)
        for line in self._lines.end(request_id, result):
            self._write(line)
        self.last_used = time.monotonic()
        return result, "".join(f"{line}\n" for line in self._tail.copy()).encode()[-_TAIL_BYTES:]

    def close(self) -> None:
        """End its process and remove its folder."""
        self._environment.close()

    def close_soon(self) -> None:
        """End it in the background, because searching for leftover processes takes a while."""
        threading.Thread(target=self.close, daemon=True).start()

    def _write(self, line: str) -> None:
        self._tail.append(line)
        self._log.write(line)

    def _init_failed(self, status: str, seconds: float) -> None:
        self._write(self._lines.init_failed(status, seconds))


def architecture() -> str:
    """Return the only architecture that this computer can run."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
