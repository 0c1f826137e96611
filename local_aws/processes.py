"""Child processes that can be stopped whole and that never outlive the local AWS."""

import logging
import os
import signal
import subprocess
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from local_aws.errors import JobFailure

log = logging.getLogger(__name__)
# They tell to which container, or execution environment of a function, a process belongs.
FUNCTION_BASE = "LOCAL_AWS_FUNCTION_DIR"
_BASES = ("SAGEMAKER_BASE_DIR", FUNCTION_BASE)
_LINE_BYTES = 256_000  # of a line that are handed on at once; whole, it might never end
# The folder of the module that a child process imports, or runs, to end with the local AWS.
LIFELINE = Path(__file__).parent / "lifeline"
_running: "set[ChildProcess]" = set()
_closing = threading.Event()


def stop_all() -> None:
    """Stop every child process, and let none start from now on."""
    _closing.set()
    for process in list(_running):
        process.kill()


def kill_strays(base: str) -> None:
    """Kill what is left of the containers below a folder, in whatever group it hides.

    A container's end is the end of all that it started.
    """
    for process in psutil.process_iter():
        try:
            found = _base(process.environ())
            if base and f"{found}/".startswith(f"{base}/"):
                process.kill()
        except psutil.Error:  # it ended meanwhile, or is another user's
            continue


def _base(env: Mapping[str, str]) -> str:
    return next((env[name] for name in _BASES if name in env), "")


def closing() -> bool:
    """Tell whether the local AWS is being stopped."""
    return _closing.is_set()


class ChildProcess:
    """A command in a process group of its own, with its output handed on line by line.

    The child holds the read end of a pipe whose write end only the local AWS has. When the local
    AWS goes away, however it goes, the pipe closes and the child kills its group (see
    lifeline/lifeline.py).
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        on_line: Callable[[str], None],
    ) -> None:
        if closing():
            raise JobFailure("The local AWS is being stopped.")
        watched, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                command,
                env={**env, "LOCAL_AWS_LIFELINE_FD": str(watched)},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(watched,),
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(watched)
        self._on_line = on_line
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._cleaned = threading.Lock()
        self._closed = False
        self._kill_at = 0.0  # a group that was asked to end has until then
        self._base = _base(env)
        _running.add(self)

    @property
    def pid(self) -> int:
        """The process id, which is the id of its group as well."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end and the last line of output; return the exit code or None."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._clean_up()
        return code

    def stop(self, grace: float = 5.0) -> None:
        """Ask the group to end, and kill what is left of it after the grace (seconds)."""
        if self._closed:  # its number may be another process's by now
            return
        self._kill_at = time.monotonic() + grace
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._clean_up()

    def kill(self) -> None:
        """Kill the whole group at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # nobody is left in the group
            return

    def _clean_up(self) -> None:
        """Kill what the child left behind, read its last lines, and close the pipe.

        A launcher that was asked to end may do so at once, while its script works on; the script
        holds the output open, and has the rest of the grace.
        """
        with self._cleaned:
            if self._closed:
                return
            self._reader.join(max(0.0, self._kill_at - time.monotonic()))
            self._closed = True
            _running.discard(self)
            self._signal(signal.SIGKILL)
            kill_strays(self._base)
            self._reader.join(timeout=5)
            os.close(self._lifeline)

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - PIPE was asked for above
        decoder = getincrementaldecoder("utf-8")("replace")  # a long line may be cut in a character
        with stream:
            while line := stream.readline(_LINE_BYTES):
                try:
                    text = decoder.decode(line, final=line.endswith(b"\n"))
                    self._on_line(text.rstrip("\r\n"))
                except Exception:  # read on: a child with a full or closed pipe would stand still
                    log.exception("a line of output was lost")
