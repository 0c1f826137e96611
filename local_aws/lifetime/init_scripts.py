"""Run the scripts of a folder against a local AWS that has just started."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

from local_aws.processes import ChildProcess, interpreter, watched
from local_aws.settings import Settings
from local_aws.testing import LocalAws

_PROGRAMS: dict[str, Callable[[], Path]] = {".py": interpreter, ".sh": lambda: Path("bash")}
_LAST_LINES = 10
_LOOK_SECONDS = 0.1


class ScriptFailed(Exception):
    """A script ended with an error; the text names it and has its last lines."""


def run_scripts(
    folder: Path, settings: Settings, write: Callable[[str], None], is_ending: Callable[[], bool]
) -> None:
    """Run every .py and .sh file of a folder in the order of their names; raise ScriptFailed.

    Each runs in the folder, with the environment that leads programs to this local AWS, and other
    files are for the scripts to read. `write` receives each line of output. If the local AWS is to
    end, the remaining scripts are not run.
    """
    environment = LocalAws(settings.endpoint_url, os.getpid()).environment()
    for script in sorted(path for path in folder.iterdir() if path.suffix in _PROGRAMS):
        lines: deque[str] = deque(maxlen=_LAST_LINES)

        def on_line(line: str, lines: deque[str] = lines) -> None:
            lines.append(line)
            write(line)

        command = watched([str(_PROGRAMS[script.suffix]()), str(script.resolve())])
        process = ChildProcess(command, environment, folder, on_line)
        while (code := process.wait(_LOOK_SECONDS)) is None:
            if is_ending():
                return
        if code != 0:
            last = "".join(f"\n  {line}" for line in lines)
            output = f":{last}" if lines else ". It printed nothing."
            raise ScriptFailed(f"the script {script} failed with exit code {code}{output}")
