"""The commands people type; the only place that calls AWS for them, on AWS and locally alike."""

import os
import signal
import sys
from types import FrameType


def _stop(number: int, frame: FrameType | None) -> None:
    """End at once, as Ctrl-C does later, when there is something to put in order."""
    os.write(sys.stderr.fileno(), b"stopped\n")
    os._exit(130)


# Python has this name there until a module that it was told to run is imported and starts.
if sys.argv[:1] == ["-m"]:
    signal.signal(signal.SIGINT, _stop)
