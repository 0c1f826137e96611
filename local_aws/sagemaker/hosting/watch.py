"""Keep a container in service: restart it when it exits or hangs.

It is pinged every five seconds, as on AWS. A container that is busy with a long call may be unable
to respond, so a failed ping counts only if no call is in progress, or if the container has not
responded to anything for longer than the longest call.
"""

import logging
import threading
import time

from local_aws.sagemaker.hosting.container import INVOCATION_SECONDS, Container

log = logging.getLogger(__name__)
_CHECK_SECONDS = 0.5  # between checks of the process
_PING_SECONDS = 5.0  # between pings
_MAX_FAILED_PINGS = 3  # in a row
_SILENCE_SECONDS = 10.0  # without any response after the longest call


class Watch:
    """Restarts one container from a thread until `stopping` is set."""

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
        self._responded = time.monotonic()
        self._starting_until = 0.0  # it may be loading its model until then

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def _run(self) -> None:
        while not self._stopping.wait(_CHECK_SECONDS):
            try:
                self._check()
            except Exception:
                log.exception("a container could not be checked or restarted")
                self._stopping.wait(_PING_SECONDS)

    def _check(self) -> None:
        if not self._container.is_alive():
            self._restart("exited")
        elif time.monotonic() >= self._next_ping:
            self._next_ping = time.monotonic() + _PING_SECONDS
            self._ping()

    def _ping(self) -> None:
        before = self._container.activity()
        if self._container.ping() == 200:
            self._failed, self._responded, self._starting_until = 0, time.monotonic(), 0.0
            return
        after = self._container.activity()
        self._responded = max(self._responded, after.last_reply)
        if time.monotonic() < self._starting_until:
            return
        idle = before.calls == 0 and after == before
        self._failed = self._failed + 1 if idle else 0
        silent = time.monotonic() - self._responded > self._silence
        if self._failed >= _MAX_FAILED_PINGS or silent:
            self._restart("does not respond to /ping")

    def _restart(self, reason: str) -> None:
        self._container.logs.write(f"local AWS: the container {reason}; restarting it")
        self._failed = 0
        self._responded = time.monotonic()
        self._starting_until = time.monotonic() + self._startup
        self._container.start()
