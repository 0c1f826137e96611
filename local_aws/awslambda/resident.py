"""How much memory a function's processes hold: the resident size, not the address space."""

from pathlib import Path

import psutil

_PROC = Path("/proc")
_KILOBYTE = 1024


def most_resident(pid: int) -> int:
    """Return the most bytes a process held so far, with what its descendants hold now.

    Linux counts a process's own peak, so that one between two looks is not missed; elsewhere it is
    what it holds now. A process that is gone holds nothing.
    """
    if not (_PROC / "self" / "status").exists():
        return _resident_by_psutil(pid)
    total, waiting = 0, [pid]
    while waiting:
        found = waiting.pop()
        total += _peak(found)
        waiting += _children(found)
    return total


def _peak(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    _, _, rest = status.partition(b"VmHWM:")
    return int(rest.split(None, 1)[0]) * _KILOBYTE if rest else 0  # a zombie has no such line


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in _PROC.glob(f"{pid}/task/*/children"):
        try:
            found += [int(child) for child in path.read_bytes().split()]
        except (FileNotFoundError, ProcessLookupError):  # the thread ended meanwhile
            continue
    return found


def _resident_by_psutil(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)
    except psutil.Error:
        return 0
