"""The execution environments of one version: reused while warm, one for each concurrent call."""

import platform
import threading
import time
from collections import deque
from collections.abc import Callable
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


class PoolClosed(Exception):
    """The version of the pool has been replaced."""


class Pool:
    """Idle workers; a worker in use belongs to one caller."""

    def __init__(self, make: Callable[[], Worker]) -> None:
        self._make = make
        self._idle: list[Worker] = []
        self._in_use = 0
        self._closed = False
        self._lock = threading.Lock()
        self._returned = threading.Condition(self._lock)

    def take(self) -> Worker:
        """Return the most recently used warm worker, or start a new one.

        Raise PoolClosed if the version has been replaced, because its code may be gone.
        """
        with self._lock:
            if self._closed:
                raise PoolClosed
            self._in_use += 1
        try:
            return self._warm() or self._new()
        except BaseException:
            self._count_back()
            raise

    def _warm(self) -> Worker | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                worker = self._idle.pop()
            if worker.is_usable:
                return worker
            worker.close_soon()

    def _new(self) -> Worker:
        worker = self._make()
        try:
            worker.init()
        except BaseException:
            worker.close()
            raise
        return worker

    def _count_back(self) -> None:
        with self._returned:
            self._in_use -= 1
            self._returned.notify_all()

    def give_back(self, worker: Worker) -> None:
        """Keep a worker for the next call, unless it is broken or the pool is closed."""
        with self._lock:
            is_reusable = worker.is_usable and not self._closed
            if is_reusable:
                self._idle.append(worker)
        if not is_reusable:
            worker.close_soon()
        self._count_back()

    def end_idle(self, seconds: float) -> None:
        """End the workers that have been idle for longer than this."""
        oldest = time.monotonic() - seconds
        with self._lock:
            ended = [worker for worker in self._idle if worker.last_used < oldest]
            self._idle = [worker for worker in self._idle if worker.last_used >= oldest]
        for worker in ended:
            worker.close()

    def close(self) -> None:
        """End the idle workers and wait for the others, which end after their calls."""
        with self._lock:
            self._closed = True
            ended, self._idle = self._idle, []
        for worker in ended:
            worker.close()
        with self._returned:
            self._returned.wait_for(lambda: self._in_use == 0)
