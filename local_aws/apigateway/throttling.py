"""A token bucket: a burst of requests at once, and a rate of requests per second."""

import threading
import time
from collections.abc import Callable


class Bucket:
    """The tokens of one throttle; thread-safe."""

    def __init__(
        self, burst: int, rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._rate = float(burst), rate
        self._clock = clock
        self._tokens, self._time = self._burst, clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take a token; return False if there is none."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._time) * self._rate)
            self._time = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
