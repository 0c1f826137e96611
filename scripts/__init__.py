"""The commands that people type; the only callers of AWS, for the account and the local AWS."""

import _signal  # type: ignore[import-not-found]
import sys

# `signal` would take milliseconds to import, in which Ctrl-C shows a traceback.
# True while Python still imports the module that -m names, or for the console script. Python shows
# a traceback if Ctrl-C is pressed even earlier, in the interpreter's own start.
if sys.argv[:1] == ["-m"] or sys.argv[0].endswith("newsgroup-classifier"):

    def _stop(number: int, frame: object) -> None:
        """Exit at once, before there is anything to clean up."""
        import os

        os.write(2, b"stopped\n")
        os._exit(130)

    _signal.signal(_signal.SIGINT, _stop)
