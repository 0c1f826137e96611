"""Runs first in the process of a function: the path AWS has, the lifeline, then awslambdaric.

The command is `python -S -B bootstrap.py LIFELINE RUNTIME CODE [FOLDER...]`; folders of packages
beside the code are for callers that need no local AWS. It must not import the project: a function
does not have it. Without the site module no package of the laptop is on the path.
"""

import os
import sys


def main(lifeline: str, runtime: str, code: str, *more: str) -> None:
    """Put the path in AWS's order (code, runtime, standard library) and start the client."""
    standard = sys.path[1:]  # what stands first is this file's own folder
    sys.path[:] = [lifeline, *standard]
    watched = __import__("lifeline")
    if watched.VARIABLE in os.environ:
        watched.start()
    del sys.modules["lifeline"], watched  # a function may have a module of that name
    sys.path[:] = [code, *more, runtime, *standard]
    os.chdir(code)
    sys.argv[1:] = [os.environ["_HANDLER"]]
    client = __import__("awslambdaric.__main__", fromlist=["main"])
    client.main(sys.argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
