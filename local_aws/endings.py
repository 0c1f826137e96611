"""Why the local AWS ends: a signal, a lost parent, or a failure. Its log names the cause each time.

SIGKILL cannot be logged here; the program that started the local AWS reports it (see testing).
"""

import atexit
import faulthandler
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

log = logging.getLogger(__name__)
# Each of them would end the process silently, except those that faulthandler reports.
_SIGNALS = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1),
    *(signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGXCPU),
)

WATCH = "watch-stdin"  # the name of a thread
_REQUESTS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """The first cause of the end; waiting for it takes no lock, as a signal's handler must not."""

    def __init__(self) -> None:
        self.cause = ""
        self.failed = self.requested = False
        self._started = time.monotonic()
        self._logged = False
        self._reader, self._writer = os.pipe()

    def watch(self, until_stdin_closes: bool = False) -> None:
        """Record signals, the end of standard input if asked, and crashes of the interpreter."""
        if sys.stderr is not None:
            faulthandler.enable()
        atexit.register(self.log)
        for number in _SIGNALS:
            ignored = signal.getsignal(number) is signal.SIG_IGN
            if not (ignored and number == signal.SIGHUP):  # nohup
                signal.signal(number, self._on_signal)
        if until_stdin_closes:
            threading.Thread(target=self._watch_stdin, name=WATCH, daemon=True).start()

    def record(self, cause: str, failed: bool = False) -> None:
        """Record a cause, unless there is one, and end the wait."""
        if not self.cause:
            self.cause, self.failed = cause, failed
        os.write(self._writer, b".")

    def wait(self, seconds: float) -> bool:
        """Wait for a cause; return whether there is one."""
        if not self.cause:
            select.select([self._reader], [], [], seconds)
        return bool(self.cause)

    def serve(self, serve_forever: Callable[[], None]) -> None:
        """Serve in this thread; a server that fails or returns too early is a cause."""
        try:
            serve_forever()
        except Exception as error:
            log.critical("The server failed:", exc_info=error)
            self.record(f"its server failed: {error!r}", failed=True)
        else:
            self.record("its server has stopped", failed=True)

    def log(self) -> None:
        """Log the cause once; a requested end is not a warning."""
        if self._logged:
            return
        self._logged = True
        level = logging.INFO if self.requested else logging.WARNING
        seconds = time.monotonic() - self._started
        cause = self.cause or "its interpreter exits for an unknown reason"
        log.log(
            level, "The local AWS is ending after running for %.0f seconds: %s.", seconds, cause
        )

    def is_explained(self) -> None:
        """Leave the log as it is, because an error message has been printed."""
        self._logged = True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.requested = not self.cause and number in _REQUESTS
        self.record(f"it received {signal.Signals(number).name}")

    def _watch_stdin(self) -> None:
        while sys.stdin is not None and os.read(sys.stdin.fileno(), 1024):
            continue
        self.record("its standard input closed, so the program that started it has ended")


def describe_exit(code: int) -> str:
    """Return how a process ended, from its exit code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = ", which the system sends if memory runs out" if name == "SIGKILL" else ""
    return f"it was killed by {name}{hint}"
