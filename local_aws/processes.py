"""Child processes that can be stopped with their groups and never outlive the local AWS."""

import atexit
import compileall
import logging
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import psutil

from local_aws.errors import ServiceError
from local_aws.output import Output
from local_aws.settings import Settings

log = logging.getLogger(__name__)
# The variable with the folder of the container, or execution environment, of a process.
BASE_VARIABLE = "LOCAL_AWS_BASE_DIR"
# The folder of the module that a child process imports or runs to end with the local AWS.
LIFELINE = Path(__file__).parent / "lifeline"
_PROGRAM = LIFELINE / "own_folders.py"  # makes a mount namespace, in which folders have other paths
_PROBE_SECONDS = 60.0
FOLDER = "local-aws"  # how the names of temporary folders begin
_TEMPORARY_FOLDERS = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - mkdtemp
_running: "set[ChildProcess]" = set()
_closing = threading.Event()


@cache
def plain_path(path: Path) -> Path:
    """Return a path of a folder without spaces and other characters that a shell treats specially.

    Launchers and users' scripts build commands out of paths and split them at spaces. If the folder
    has such a path, a link to it in a private temporary folder stands in until the program ends.
    Raise FileNotFoundError if the computer has no temporary folder with a plain path.
    """
    if _is_plain(path):
        return path
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-{os.getpid()}-", dir=plain_temporary_folder()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # removes the link, not its target
    link = folder / "link"
    link.symlink_to(path)
    return link


def plain_temporary_folder() -> Path:
    """Return the first temporary folder with a plain path; raise FileNotFoundError without one."""
    for folder in (Path(tempfile.gettempdir()), *_TEMPORARY_FOLDERS):
        if _is_plain(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise FileNotFoundError(
        f"the path of the temporary folder {tempfile.gettempdir()} has spaces or other special "
        "characters. Set TMPDIR to a folder whose path has none."
    )


def _is_plain(path: Path) -> bool:
    return shlex.quote(str(path)) == str(path)


@cache
def interpreter() -> Path:
    """Return the path of this Python, through a link if it has special characters.

    The link leads to the whole environment, because Python looks for its packages next to itself.
    """
    executable, environment = Path(sys.executable), Path(sys.prefix)
    if _is_plain(executable) or not executable.is_relative_to(environment):
        return executable
    return plain_path(environment) / executable.relative_to(environment)


def watched(command: Sequence[str]) -> list[str]:
    """Return the command that runs another one, which is not Python and ends with the local AWS.

    -I keeps PYTHON variables from affecting the lifeline.
    """
    return [str(interpreter()), "-I", str(LIFELINE / "lifeline.py"), *command]


def namespaces_are_used(settings: Settings) -> bool:
    """Return whether processes get their own folders: it is possible and not turned off."""
    return settings.namespaces and _namespaces_are_available()


def isolation_is_possible(settings: Settings) -> bool:
    """Return whether processes can be kept from all networks."""
    return namespaces_are_used(settings) and not _why_unavailable(has_network=False)


def with_folder(
    command: Sequence[str], folder: Path, path: str, has_network: bool = True
) -> list[str]:
    """Return the command that runs another one, for which `folder` is at a path."""
    options = [] if has_network else ["--no-network"]
    return [str(interpreter()), "-I", "-S", str(_PROGRAM), *options, f"{folder}={path}", *command]


@cache
def _namespaces_are_available() -> bool:
    if sys.platform != "linux":
        return False
    if reason := _why_unavailable():
        log.warning(
            "This computer has no mount namespaces for the local AWS (%s). Programs that use a "
            "literal /opt/ml fail, and functions share /tmp.",
            reason,
        )
    compileall.compile_file(str(_PROGRAM), quiet=2)  # functions import it and write no .pyc files
    return not reason


@cache
def _why_unavailable(has_network: bool = True) -> str:
    """Try it once with a program that does nothing; return why it failed, or an empty string."""
    with tempfile.TemporaryDirectory() as folder:
        command = with_folder(["/bin/sh", "-c", ":"], Path(folder), "/opt/ml", has_network)
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"a trial did not end within {_PROBE_SECONDS:.0f} seconds"
    lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason"]
    return lines[-1] if done.returncode else ""


def stop_all() -> None:
    """Stop every child process and prevent new ones."""
    _closing.set()
    for process in list(_running):
        process.kill()


def allow_new() -> None:
    """Allow child processes again, after all earlier ones and their threads have ended."""
    _closing.clear()


def kill_strays(base: str) -> None:
    """Kill the remaining processes of the containers below a folder, whatever their group.

    When a container ends, so does everything that it started.
    """
    for process in psutil.process_iter():
        try:
            folder = process.environ().get(BASE_VARIABLE, "")
            if base and f"{folder}/".startswith(f"{base}/"):
                process.kill()
        except psutil.Error:  # it has ended or belongs to another user
            continue


def closing() -> bool:
    """Return whether the local AWS is being stopped, or emptied."""
    return _closing.is_set()


def pause(seconds: float) -> bool:
    """Wait for some seconds, or until the local AWS is being stopped; return whether it is."""
    return _closing.wait(seconds)


class ChildProcess:
    """A command in its own process group, whose output is passed on line by line.

    The child holds the read end of a pipe whose write end only the local AWS has. When the local
    AWS ends, for whatever reason, the pipe closes and the child kills its group (see
    lifeline/lifeline.py).
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        on_line: Callable[[str], None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        if closing():
            raise ServiceError("The local AWS is being stopped.")
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
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - it is a PIPE
        self._output = Output(stream, on_line, on_end)
        self._reader = threading.Thread(target=self._output.read, daemon=True)
        self._reader.start()
        self._cleaned = threading.Lock()
        self._closed = False
        self._kill_at = 0.0  # the deadline of a group that received SIGTERM
        self._base = env.get(BASE_VARIABLE, "")
        _running.add(self)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    def drain(self) -> None:
        """Pass on what the process has written so far, even if the reading thread is late."""
        self._output.drain()

    def poll(self) -> int | None:
        """Return the exit code, or None if it is running."""
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
        """Send the group SIGTERM, and kill it after the grace period (seconds)."""
        if self._closed:  # its id may belong to another process now
            return
        self._kill_at = time.monotonic() + grace
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._clean_up()

    def kill(self) -> None:
        """Kill the whole group immediately."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # the group is empty
            return

    def _clean_up(self) -> None:
        """Kill the child's remaining processes, read their last lines, and close the pipe.

        A launcher may end on SIGTERM while its script continues; the script keeps the output open
        and has the rest of the grace period.
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
