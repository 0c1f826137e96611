"""A local AWS that really trains, serves, and invokes: our own SageMaker, and moto for the rest.

Start it with `local-aws` or `python -m local_aws`. Any boto3, AWS CLI, or SDK process with
AWS_ENDPOINT_URL=http://127.0.0.1:4566 then uses it.
"""

import _signal  # type: ignore[import-not-found]
import sys

# `signal` would take milliseconds to import, in which Ctrl-C shows a traceback.
# Until the program has something to clean up, Ctrl-C ends it like any other, without a traceback.
# Python shows one if it is pressed even earlier, in the interpreter's own start.
_starting = sys.argv[:1] == ["-m"] or sys.argv[0].endswith("local-aws")
if _starting and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
