"""End this process and its group when the local AWS ends, even by kill -9.

Run as a program, it does so for a command that is not Python, such as a shell:

    python -I lifeline.py COMMAND ARGUMENT...
"""

import os
import signal
import sys
import threading

VARIABLE = "LOCAL_AWS_LIFELINE_FD"


def start() -> None:
    """Watch the pipe whose other end only the local AWS holds (see processes.ChildProcess)."""
    watched = int(os.environ.pop(VARIABLE))
    os.set_inheritable(watched, False)
    threading.Thread(target=_watch, args=(watched,), name="lifeline", daemon=True).start()


def become(command: list[str]) -> None:
    """Become the command, while a process of its group, not its child, watches the pipe."""
    watched = int(os.environ.pop(VARIABLE))
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the command may take time to stop
            os.closerange(0, 3)
            _watch(watched)
        os._exit(0)
    os.waitpid(child, 0)
    os.set_inheritable(watched, False)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the job's own entry point
    except OSError as error:
        print(f"exec: {command[0]}: {error.strerror}", flush=True)
        os._exit(127)  # like a shell and Docker


def _watch(watched: int) -> None:
    while os.read(watched, 1):
        continue
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    become(sys.argv[1:])
