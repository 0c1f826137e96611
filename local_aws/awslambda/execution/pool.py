"""The execution environments of one version: reused while warm, one for each concurrent call."""

import threading
import time
from collections.abc import Callable

from local_aws.awslambda.execution.worker import Worker


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
