"""The CPU, memory, and disk that jobs and endpoints use, sampled at the end of each minute.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-jobs
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

from local_aws.monitoring.metrics import Dimensions, Value, record

log = logging.getLogger(__name__)
_tracked: "set[Usage]" = set()


@dataclass(eq=False)
class Usage:
    """What an instance uses from now on until `end` is called."""

    region: str
    namespace: str
    dimensions: Dimensions
    pids: Callable[[], Iterable[int]]  # of the processes whose trees are the instance
    disk: Callable[[], float | None] = lambda: None  # percent in use, if it is published

    def __post_init__(self) -> None:
        """Begin to measure the time of the CPUs, of which processes may have used some before."""
        self._seconds = sum(seconds for seconds, _ in self._measured())
        self._moment = time.monotonic()
        _tracked.add(self)

    def end(self) -> None:
        """Publish no more."""
        _tracked.discard(self)

    def _measured(self) -> list[tuple[float, int]]:
        return [_measure(process) for pid in self.pids() for process in _tree(pid)]

    def sample(self, moment: float) -> None:
        """Record the metrics at a moment in seconds since the epoch, if any process is running."""
        measured = self._measured()
        used, now = sum(seconds for seconds, _ in measured), time.monotonic()
        spent, elapsed = max(0.0, used - self._seconds), now - self._moment
        self._seconds, self._moment = used, now
        if not measured:
            return
        memory = sum(resident for _, resident in measured) / psutil.virtual_memory().total
        values: list[Value] = [
            ("CPUUtilization", 100 * spent / elapsed, "Percent"),  # 100 for each busy CPU
            ("MemoryUtilization", min(100.0, 100 * memory), "Percent"),
        ]
        if (disk := self.disk()) is not None:
            values.append(("DiskUtilization", disk, "Percent"))
        record(self.region, self.namespace, [self.dimensions], values, moment)


def sample_all(moment: float) -> None:
    """Record what all tracked instances use; one that cannot be measured is logged."""
    for usage in list(_tracked):
        try:
            usage.sample(moment)
        except (psutil.Error, OSError) as error:
            log.warning("the utilization of %s was not measured: %s", usage.dimensions, error)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:  # it has just ended
        return []


def _measure(process: psutil.Process) -> tuple[float, int]:
    """Return the CPU time of a process and of its ended children, and its bytes in memory."""
    try:
        return float(sum(process.cpu_times()[:4])), int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0.0, 0
