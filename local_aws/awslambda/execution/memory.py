"""The memory of a function's processes: the resident size, not the address space."""

from pathlib import Path

_PROC = Path("/proc")
_KILOBYTE = 1024


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
