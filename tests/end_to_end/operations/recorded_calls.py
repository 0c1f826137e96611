"""Calls with the time of each, so that those during a fault can be told from the others."""

import time
from collections.abc import Callable
from typing import Any


class RecordedCalls:
    """Calls that return a status, which are made from several threads."""

    def __init__(self, call: Callable[[], Any], good: Any) -> None:
        self._call, self._good = call, good
        self.made: list[tuple[float, Any]] = []  # the time of the start, and the status

    def __call__(self) -> str:
        """Make a call, and return its status as text."""
        start = time.monotonic()
        status = self._call()
        self.made.append((start, status))
        return str(status)

    def between_failures(self) -> list[Any]:
        """Return the statuses of the calls from the first failed one to the last."""
        first, last = self.failures()
        return [status for moment, status in self.made if first <= moment <= last]

    def failures(self) -> tuple[float, float]:
        """Return when the first and the last failed call started."""
        failed = [moment for moment, status in self.made if status != self._good]
        return min(failed), max(failed)
