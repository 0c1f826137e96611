"""A command as a process that tests watch, interrupt and kill."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from local_aws.testing import ROOT
from local_aws.tests.account import eventually
from tests.scripts.processes import command


def processes_with(marker: str) -> list[psutil.Process]:
    """Return every running process whose environment or working folder contains a marker."""
    processes = []
    for process in psutil.process_iter():
        try:
            places = [*process.environ().values(), process.cwd()]
            if process.status() != psutil.STATUS_ZOMBIE and any(marker in item for item in places):
                processes.append(process)
        except psutil.Error:
            continue
    return processes


class Watched:
    """A running command, its output so far, and the folder of its temporary files."""

    def __init__(self, temporary: Path, script: str, *arguments: str, **kwargs: str) -> None:
        """Start the command; keyword arguments are its environment variables."""
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
                # A shell that runs the tests in the background ignores the signal.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    @property
    def stdout(self) -> str:
        """The output for programs."""
        return self._out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """The output for people."""
        return self._err.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until the command prints a text to stderr; stop it if the text never comes."""
        with suppress(AssertionError):
            eventually(lambda: text in self.stderr or self._process.poll() is not None)
        if text not in self.stderr:
            if self._process.poll() is None:
                self.interrupt()
            raise AssertionError(f"expected {text!r} on stderr, found: {self.stderr}")

    def interrupt(self) -> int:
        """Press Ctrl-C, wait for the end, and return the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(120)

    def stop(self) -> None:
        """Press Ctrl-C; assert that the command stops with its exit code and last line."""
        assert self.interrupt() == 130, self.stderr
        assert self.stderr.splitlines()[-1] == "stopped"
        assert "Traceback" not in self.stderr

    def kill(self) -> None:
        """Kill the command without a warning."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(120)

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        return self._process.wait(240)

    def processes(self) -> list[psutil.Process]:
        """Return every running process that the command started, directly or not."""
        return processes_with(str(self.temporary))

    def leaves_nothing(self) -> bool:
        """Wait until no process and no temporary file of the command is left; return True."""
        return bool(eventually(lambda: not self.processes() and not [*self.temporary.iterdir()]))
