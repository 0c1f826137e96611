"""The process of one execution environment, a function under awslambdaric, and its memory."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local_aws.processes import LIFELINE, ChildProcess

_BOOTSTRAP = Path(__file__).parent / "site" / "bootstrap.py"
OWN_TMP_VARIABLE = "LOCAL_AWS_OWN_TMP"  # the folder that becomes /tmp of the process
# What a process needs of this Python, even if that is below /tmp.
_PYTHON = (sys.prefix, sys.base_prefix)
_PROC = Path("/proc")
_KILOBYTE = 1024


def start_function(
    python: Path,
    paths: tuple[Path, ...],  # the folders of the runtime, the code, and more packages
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    on_end: Callable[[], None],
) -> ChildProcess:
    """Start a function, whose lines are passed on as they come or on demand."""
    visible = os.pathsep.join(
        [*_PYTHON, str(python.resolve().parents[1]), str(LIFELINE), *map(str, paths)]
    )
    env = {**env, "LOCAL_AWS_VISIBLE": visible} if OWN_TMP_VARIABLE in env else env
    command = [str(python), "-S", "-B", str(_BOOTSTRAP), str(LIFELINE), *map(str, paths)]
    return ChildProcess(command, env, paths[1], on_line, on_end)


def peak_bytes(pid: int) -> int:
    """Return the peak memory of a process, plus the current peak of its descendants.

    Linux records the peak of each process, so a peak between two samples is not missed. A process
    that has ended counts as 0.
    """
    total, waiting = 0, [pid]
    while waiting:
        process = waiting.pop()
        total += _peak(process)
        waiting += _children(process)
    return total


def _peak(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    _, _, rest = status.partition(b"VmHWM:")
    return int(rest.split(None, 1)[0]) * _KILOBYTE if rest else 0  # a zombie has no such line


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for path in _PROC.glob(f"{pid}/task/*/children"):
        try:
            children += map(int, path.read_bytes().split())
        except (FileNotFoundError, ProcessLookupError):  # the thread has ended
            continue
    return children
