"""The first program in the process of a function: set up AWS's path, then start awslambdaric.

The command is `python -S -B bootstrap.py LIFELINE RUNTIME CODE [FOLDER...]`, where callers without
a local AWS can add folders of packages. It must not import the project, which a function does not
have. Without the site module, no package of the computer is on the path.
"""

import os
import sys


def main(lifeline: str, runtime: str, code: str, *folders: str) -> None:
    """Put the path in AWS's order (code, runtime, standard library) and start the client."""
    standard = sys.path[1:]  # the first entry is the folder of this file
    sys.path[:] = [lifeline, *standard]
    if folder := os.environ.pop("LOCAL_AWS_OWN_TMP", ""):
        visible = os.environ.pop("LOCAL_AWS_VISIBLE").split(os.pathsep)
        __import__("own_folders").enter({"/tmp": folder}, visible)  # noqa: S108
        del sys.modules["own_folders"]
    watcher = __import__("lifeline")
    if watcher.VARIABLE in os.environ:
        watcher.start()
    del sys.modules["lifeline"], watcher  # a function may have a module of that name
    sys.path[:] = [code, *folders, runtime, *standard]
    os.chdir(code)
    sys.argv[1:] = [os.environ["_HANDLER"]]
    client = __import__("awslambdaric.__main__", fromlist=["main"])
    client.main(sys.argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
