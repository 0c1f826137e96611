"""The storage volume of a job, and the failure of a job that fills it.

Processes write to the computer's disk, on which only root could set quotas. So the allocated bytes
of the job's folder are counted at intervals, and the job fails when they exceed the size of its
volume. On AWS, the write fails instead, and the script sees ENOSPC.
"""

import os
import time
from pathlib import Path

from local_aws.sagemaker.errors import JobFailure

_GIGABYTE = 2**30  # a GB of EBS
_BLOCK = 512  # bytes per unit of st_blocks on every file system
LOOK_SECONDS = 0.5  # minimum time between counts
_SHARE = 20  # counting may take a twentieth of the time, however many files there are


class VolumeFull(JobFailure):
    """The files of a job exceed its volume."""


class Volume:
    """A folder with a limit in gigabytes; without one, its size is unlimited."""

    def __init__(self, folder: Path, gigabytes: float | None) -> None:
        self._folder, self._gigabytes = folder, gigabytes
        self.pause = LOOK_SECONDS  # seconds between two counts
        self._due = 0.0
        self.percent: float | None = None  # in use at the last count

    def look(self) -> None:
        """Check the size if enough time has passed since the last count."""
        if time.monotonic() >= self._due:
            self.check()

    def check(self, when: str = "") -> None:
        """Raise VolumeFull if the folder exceeds the volume; the reason begins with `when`."""
        if not self._gigabytes:  # instance types with a local disk have no volume
            return
        began = time.monotonic()
        used = allocated_bytes(self._folder)
        now = time.monotonic()
        self.pause = max(LOOK_SECONDS, _SHARE * (now - began))
        self._due = now + self.pause
        self.percent = 100 * used / (self._gigabytes * _GIGABYTE)
        if self.percent > 100:
            raise VolumeFull(
                f"ClientError: {when}Insufficient disk space: the job's files take {used} bytes, "
                f"more than the {self._gigabytes} GB of its volume. Increase "
                "VolumeSizeInGB."
            )


def allocated_bytes(folder: Path) -> int:
    """Return the bytes that the files below a folder occupy on disk, counting links once."""
    blocks: dict[tuple[int, int], int] = {}
    for parent, _, names in os.walk(folder):  # skips a folder that disappears
        for name in names:
            try:
                status = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - called often
            except OSError:  # it has disappeared
                continue
            blocks[status.st_dev, status.st_ino] = status.st_blocks
    return _BLOCK * sum(blocks.values())
