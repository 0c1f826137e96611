"""A script as a process that is watched, interrupted and killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from local_aws.testing import ROOT
from tests.scripts.processes import command

_LOOKS = 1200
_PAUSE = 0.1


def eventually(look: Callable[[], bool]) -> bool:
    """Look until it is true, or for a long time."""
    for _ in range(_LOOKS):
        if look():
            return True
        time.sleep(_PAUSE)
    return False


def processes_with(marker: str) -> list[psutil.Process]:
    """Return every living process whose environment or folder names a marker."""
    found = []
    for process in psutil.process_iter():
        try:
            places = [*process.environ().values(), process.cwd()]
            if process.status() != psutil.STATUS_ZOMBIE and any(marker in item for item in places):
                found.append(process)
        except psutil.Error:
            continue
    return found


class Watched:
    """A script that runs, what it printed so far, and the folder its temporary files go to."""

    def __init__(self, temporary: Path, script: str, *arguments: str, **kwargs: str) -> None:
        """Start it; keyword arguments are variables of its environment."""
        self.temporary = temporary
        self._err = temporary.with_suffix(".err")
        self._out = temporary.with_suffix(".out")
        environment: Mapping[str, str] = kwargs | {"TMPDIR": str(temporary)}
        with self._err.open("wb") as err, self._out.open("wb") as out:
            self._process = subprocess.Popen(
                command(script, *arguments),
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                # Whoever runs the tests in the background has it ignored.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    @property
    def stdout(self) -> str:
        """What it printed for programs."""
        return self._out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What it printed for people."""
        return self._err.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until it has printed a text; end it if that never comes."""
        eventually(lambda: text in self.stderr or self._process.poll() is not None)
        if text not in self.stderr:
            if self._process.poll() is None:
                self.interrupt()
            raise AssertionError(f"{text!r} was not printed, but: {self.stderr}")

    def interrupt(self) -> int:
        """Press Ctrl-C, wait for its end, and return its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(120)

    def kill(self) -> None:
        """Kill it without a warning."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(120)

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        return self._process.wait(240)

    def processes(self) -> list[psutil.Process]:
        """Return every living process it started, wherever that hangs in the tree."""
        return processes_with(str(self.temporary))

    def leaves_nothing(self) -> bool:
        """Tell whether, in the end, no process and no temporary file of it is left."""
        return eventually(lambda: not self.processes() and not list(self.temporary.iterdir()))
