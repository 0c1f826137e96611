"""Worker processes of a search end with the program that started them, however it ended.

A program that is killed can tell its workers nothing; joblib's wait minutes for more work then.
"""

import os
import threading
import time

_SECONDS = 0.5  # between two looks


def end_with(program: int) -> None:
    """End this process once `program`, its parent, is gone; a worker does it first of all."""
    threading.Thread(target=_watch, args=(program,), daemon=True).start()


def _watch(program: int) -> None:
    while os.getppid() == program:
        time.sleep(_SECONDS)
    os._exit(1)  # whoever would be told is gone
