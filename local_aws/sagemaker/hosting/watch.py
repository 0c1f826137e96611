"""Keep a container in service: start it again when it ends, and when it hangs.

It is asked /ping every five seconds, as on AWS. One that is busy with a long call may be unable to
answer, so a failed ping counts only while no call is in the container, or after more than the
longest call without any answer at all.
"""

import logging
import threading
import time

from local_aws.sagemaker.hosting.container import INVOCATION_SECONDS, Container

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5  # between looks at the process
_PING_SECONDS = 5.0  # between pings
_FAILED_PINGS = 3  # in a row, before it is started again
_SILENCE_SECONDS = 10.0  # more than the longest call, before it is started again


class Watch:
    """Looks after one container in a thread of its own, until it is told to stop."""

    def __init__(
        self,
        container: Container,
        startup: float,
        stopping: threading.Event,
        longest_call: float = INVOCATION_SECONDS,
    ) -> None:
        self._container, self._startup, self._stopping = container, startup, stopping
        self._silence = longest_call + _SILENCE_SECONDS
        self._failed = 0
        self._next_ping = time.monotonic() + _PING_SECONDS
        self._answered = time.monotonic()  # when it last answered anything
        self._starting_until = 0.0  # until then it may still be loading its model

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                self._look()
            except Exception:
                log.exception("a container could not be looked after")
                self._stopping.wait(_PING_SECONDS)

    def _look(self) -> None:
        if not self._container.is_alive():
            self._restart("ended")
        elif time.monotonic() >= self._next_ping:
            self._next_ping = time.monotonic() + _PING_SECONDS
            self._ping()

    def _ping(self) -> None:
        before = self._container.activity()
        if self._container.ping() == 200:
            self._failed, self._answered, self._starting_until = 0, time.monotonic(), 0.0
            return
        after = self._container.activity()
        self._answered = max(self._answered, after.last_reply)
        if time.monotonic() < self._starting_until:
            return
        idle = before.calls == 0 and after == before
        self._failed = self._failed + 1 if idle else 0
        silent = time.monotonic() - self._answered > self._silence
        if self._failed >= _FAILED_PINGS or silent:
            self._restart("does not answer /ping")

    def _restart(self, why: str) -> None:
        self._container.logs.write(f"local AWS: the container {why} and is started again")
        self._failed = 0
        self._answered = time.monotonic()
        self._starting_until = time.monotonic() + self._startup
        self._container.start()
