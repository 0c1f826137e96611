"""Time two implementations in turns, so that a noisy machine favors neither, or a process."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

T = TypeVar("T")
_SIDES = ("baseline", "this project")
_SHORTEST = 0.02  # minimum seconds of one timing
# Run a command and print its exit code, CPU seconds and peak memory. This takes a small process of
# its own: until exec, Linux counts the memory of the parent as the child's.
_MEASURE = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@dataclass(frozen=True)
class Ratio:
    """How many times longer the other implementation takes than ours: median and range."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the median and the range of the ratios, if there are several."""
        span = f" ({self.low:.2f} to {self.high:.2f})" if self.low < self.high else ""
        return f"{self.median:.2f}{span}"


def spread(ratios: Sequence[float]) -> Ratio:
    """Return the median of a few ratios, with the lowest and the highest."""
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def row(
    measurement: str, compared: str, data: str, taken: Ratio, sides: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """Return a row of the table; `sides` are the baseline's own figures and this project's."""
    about = {"measurement": measurement, "compared with": compared, "data": data}
    figures = {name: text for name, text in zip(_SIDES, sides, strict=True) if text}
    return about | {"ratio": str(taken)} | asdict(taken) | figures


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of a call, and its result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def ratio(ours: Callable[[], object], other: Callable[[], object], repeats: int = 21) -> Ratio:
    """Return the other time divided by ours, pair by pair, in alternating order."""
    count = _calls_for(ours), _calls_for(other)
    ratios = []
    for repeat in range(repeats):
        if repeat % 2:
            second = _seconds(other, count[1])
            first = _seconds(ours, count[0])
        else:
            first = _seconds(ours, count[0])
            second = _seconds(other, count[1])
        ratios.append(second / first)
    low, _, high = statistics.quantiles(ratios, n=4)
    return Ratio(statistics.median(ratios), low, high)


def _calls_for(work: Callable[[], object]) -> int:
    """Return the number of calls that makes a timing long enough to trust."""
    once = _seconds(work, 1)
    return max(1, round(_SHORTEST / max(once, 1e-9)))


def _seconds(work: Callable[[], object], calls: int) -> float:
    """Return the seconds of one call, averaged over several."""
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def process_cost(
    command: Sequence[str], variables: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """Return the CPU seconds and the peak memory in MB of a command; raise if it fails."""
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, *command],
        env=os.environ | dict(variables or {}),
        stdout=subprocess.PIPE,
        check=True,
    )
    code, seconds, peak = json.loads(ended.stdout)
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return seconds, peak / 1024 / (1024 if sys.platform == "darwin" else 1)
