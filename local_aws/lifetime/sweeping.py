"""Remove the folders of a local AWS, its own at its end, and those of killed ones at the start."""

import shutil
import tempfile
import time
from pathlib import Path

import psutil

from local_aws.processes import FOLDER, kill_strays, plain_temporary_folder


def remove(folder: Path) -> None:
    """Remove a folder that a thread may still write to."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def sweep() -> None:
    """Remove the folders of killed local AWSs, and those of their processes that left their group.

    All other processes ended by themselves.
    """
    places = {Path(tempfile.gettempdir()), plain_temporary_folder()}
    for folder in (path for place in places for path in place.glob(f"{FOLDER}-*-*")):
        owner = folder.name.split("-")[2]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            kill_strays(str(folder))
            shutil.rmtree(folder, ignore_errors=True)
