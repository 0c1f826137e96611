"""End the worker processes of a search with the program that started them.

A killed program cannot stop its workers, and joblib's workers would wait minutes for more work.
"""

import os
import threading
import time

_SECONDS = 0.5  # between checks


def end_with(program: int) -> None:
    """End this process when its parent, `program`, is gone; the initializer of all workers."""
    threading.Thread(target=_watch, args=(program,), daemon=True).start()


def _watch(program: int) -> None:
    while os.getppid() == program:
        time.sleep(_SECONDS)
    os._exit(1)
