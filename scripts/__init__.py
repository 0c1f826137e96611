"""The commands that people type; the only callers of AWS, for the account and the local AWS."""

import os
import signal
import sys
from types import FrameType


def _stop(number: int, frame: FrameType | None) -> None:
    """Exit at once, before there is anything to clean up."""
    os.write(sys.stderr.fileno(), b"stopped\n")
    os._exit(130)


# True while Python still imports the module that -m names, or for the console script.
if sys.argv[:1] == ["-m"] or sys.argv[0].endswith("newsgroup-classifier"):
    signal.signal(signal.SIGINT, _stop)
