"""Refuse and report what a program does in /opt/ml, where that is not the job's own folder."""

import linecache
import os
import re
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import Any

VARIABLE = "LOCAL_AWS_OPT_ML_REPORT"
_PATH = re.compile(r"(?<![\w./}-])/opt/ml(?![\w.-])[\w./-]*")
_EVENTS = frozenset(
    (
        *("open", "os.chdir", "os.chmod", "os.link", "os.listdir", "os.mkdir", "os.remove"),
        *("os.rename", "os.rmdir", "os.scandir", "os.symlink", "os.system", "os.truncate"),
        *("os.utime", "subprocess.Popen"),
    )
)
_VARIABLES = {
    "/opt/ml/model": "SM_MODEL_DIR",
    "/opt/ml/output/data": "SM_OUTPUT_DATA_DIR",
    "/opt/ml/output": "SM_OUTPUT_DIR",
    "/opt/ml/input/config": "SM_INPUT_CONFIG_DIR",
    "/opt/ml/input": "SM_INPUT_DIR",
}
_CHANNEL = re.compile(r"/opt/ml/input/data/([^/]+)")


def install() -> None:
    """Check every access of this process from now on."""
    report = Path(os.environ[VARIABLE])

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and (path := _find_path(arguments)):
            sentence = _sentence(path)
            with report.open("a", encoding="utf-8") as file:
                file.write(f"{sentence}\n")
            raise PermissionError(sentence)

    sys.addaudithook(check)


def _find_path(arguments: Any) -> str:
    """Return the first path in /opt/ml among the arguments of an event, or an empty string."""
    for value in arguments:
        if isinstance(value, list | tuple):
            path = _find_path(value)
        else:
            text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            match = _PATH.search(text) if isinstance(value, str | bytes | os.PathLike) else None
            path = match[0] if match else ""
        if path:
            return path
    return ""


def _sentence(path: str) -> str:
    file, line = _position()
    source = _PATH.search(linecache.getline(file, line))
    path = max(path, source[0] if source else "", key=len)  # makedirs() begins with the parents
    return (
        f"{Path(file).name}, line {line}, uses {path}, but this computer cannot give each job its "
        f"own /opt/ml. Use the variable {_variable(path)} instead."
    )


def _variable(path: str) -> str:
    channel = _CHANNEL.match(path)
    if channel:
        return f"SM_CHANNEL_{channel[1].upper()}"
    names = (name for folder, name in _VARIABLES.items() if f"{path}/".startswith(f"{folder}/"))
    return next((name for name in names if name in os.environ), "SAGEMAKER_BASE_DIR")


def _position() -> tuple[str, int]:
    """Return the innermost file and line of the program's own code, or else of a package."""
    packages = (*(sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")), "<frozen")
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_stack(None)]
    others = [position for position in frames if position[0] != __file__]
    own = (position for position in others if not position[0].startswith(packages))
    return next(own, others[0])
