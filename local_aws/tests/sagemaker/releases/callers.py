"""Clients that call an endpoint or a function all the time, while a release takes place."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError


class Callers:
    """Threads that repeat a call, and count its answers; an error counts by its code."""

    def __init__(self, call: Callable[[], str], clients: int) -> None:
        self._call, self._stop = call, threading.Event()
        self._lock = threading.Lock()
        self._answers: Counter[str] = Counter()
        self.last: dict[str, float] = {}  # when each answer came last, since the epoch
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                answer = self._call()
            except ClientError as error:
                answer = error.response["Error"]["Code"]
            with self._lock:
                self._answers[answer] += 1
                self.last[answer] = time.time()

    def take(self) -> Counter[str]:
        """Return the answers since the last time."""
        with self._lock:
            answers, self._answers = self._answers, Counter()
            return answers

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait for the last calls."""
        self._stop.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def calling(call: Callable[[], str], clients: int = 4) -> Iterator[Callers]:
    """Call from several threads until the end of the block."""
    callers = Callers(call, clients)
    callers.start()
    try:
        yield callers
    finally:
        callers.stop()
