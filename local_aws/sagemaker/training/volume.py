"""The storage volume of a training job: how much is in it, and the end of a job that fills it.

A process of the laptop writes to the laptop's disk, which no quota divides without root. So the
allocated bytes of the job's folder are counted at intervals, and the job ends when they are more
than its volume holds. A real volume refuses the write instead, and the script sees ENOSPC.
"""

import os
import time
from pathlib import Path

from local_aws.errors import JobFailure

_GIGABYTE = 2**30  # what EBS calls a GB
_BLOCK = 512  # bytes of a unit of st_blocks, whatever the file system's own blocks are
LOOK_SECONDS = 0.5  # between counts
_SHARE = 20  # a count may take a twentieth of the time, however many files there are


class Volume:
    """A folder that may hold so many gigabytes; none given is a disk without an end."""

    def __init__(self, folder: Path, gigabytes: float | None) -> None:
        self._folder, self._gigabytes = folder, gigabytes
        self.pause = LOOK_SECONDS  # seconds between two counts
        self._due = 0.0

    def look(self) -> None:
        """Check, unless the last count was a moment ago."""
        if time.monotonic() >= self._due:
            self.check()

    def check(self, when: str = "") -> None:
        """Raise JobFailure if the folder holds more than the volume; `when` begins the reason."""
        if not self._gigabytes:  # an instance with a disk of its own is asked for none
            return
        began = time.monotonic()
        used = allocated_bytes(self._folder)
        now = time.monotonic()
        self.pause = max(LOOK_SECONDS, _SHARE * (now - began))
        self._due = now + self.pause
        if used > self._gigabytes * _GIGABYTE:
            raise JobFailure(
                f"ClientError: {when}Insufficient disk space: the job's files take {used} bytes, "
                f"more than the {self._gigabytes} GB of its volume. Ask for more in "
                "ResourceConfig.VolumeSizeInGB."
            )


def allocated_bytes(folder: Path) -> int:
    """Return the bytes that the files below a folder take up on the disk, links counted once."""
    blocks: dict[tuple[int, int], int] = {}
    for parent, _, names in os.walk(folder):  # a folder that goes away meanwhile is left out
        for name in names:
            try:
                found = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - called often
            except OSError:  # it went away or became another kind between the two looks
                continue
            blocks[found.st_dev, found.st_ino] = found.st_blocks
    return _BLOCK * sum(blocks.values())
