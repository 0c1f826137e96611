"""End this process and its group when the local AWS goes away, even by kill -9."""

import os
import signal
import threading


def start(watched: int) -> None:
    """Watch the pipe whose other end only the local AWS holds (see processes.ChildProcess)."""
    os.set_inheritable(watched, False)
    threading.Thread(target=_watch, args=(watched,), name="lifeline", daemon=True).start()


def _watch(watched: int) -> None:
    while os.read(watched, 1):
        continue
    os.killpg(os.getpgrp(), signal.SIGKILL)
