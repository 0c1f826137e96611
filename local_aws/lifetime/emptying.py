"""End all work of a running local AWS, and remove folders: its own, and those of killed ones."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from local_aws import processes
from local_aws.endings import WATCH
from local_aws.errors import ServiceError
from local_aws.processes import FOLDER, kill_strays, plain_temporary_folder

# Threads that serve requests or watch for the end; all others work for a resource.
SERVER, REQUEST = "server", "request"
_SERVING = ("MainThread", SERVER, REQUEST, WATCH)
_SECONDS = 60.0  # until threads whose processes have been killed must have ended
_LOOK_SECONDS = 0.02


def end_work(stop_services: Callable[[], None], folder: Path) -> None:
    """Kill all child processes, wait for the threads of jobs and resources, and empty the folder.

    New processes are refused until `processes.allow_new`. Raise ServiceError if a thread does not
    end; then the local AWS must be restarted.
    """
    processes.stop_all()
    processes.kill_strays(str(folder))
    deadline = time.monotonic() + _SECONDS
    while _working():
        if time.monotonic() > deadline:
            names = ", ".join(sorted(thread.name for thread in _working()))
            raise ServiceError(
                f"The local AWS could not be emptied, because this work does not end: {names}. "
                "Restart it."
            )
        processes.stop_all()  # also a process that was starting
        stop_services()
        time.sleep(_LOOK_SECONDS)
    for path in folder.iterdir():
        shutil.rmtree(path, ignore_errors=True)


def _working() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name not in _SERVING]


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
