"""The Pythons that run functions: that of the local AWS, and others that uv has or gets."""

import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from local_aws.pythons import uv

_RUNTIME = re.compile(r"python(3\.1[0-9])")  # those that awslambdaric and boto3 support


class RuntimeMissing(Exception):
    """The computer lacks something that runs functions of a runtime."""


def runtime_name() -> str:
    """Return the runtime of the Python that runs the local AWS."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


@cache
def find_python(runtime: str) -> Path:
    """Return the Python of a runtime, which uv downloads if it has none; raise RuntimeMissing."""
    if runtime == runtime_name():
        return Path(sys.executable)
    match = _RUNTIME.fullmatch(runtime)
    if match is None:
        raise RuntimeMissing("functions run under Python 3.10 or later")
    command = ("python", "find", "--no-project", "--system", match[1])
    try:
        path = run_uv(runtime, command)
    except RuntimeMissing:
        run_uv(runtime, ("python", "install", match[1]))
        path = run_uv(runtime, command)
    return Path(path.strip())


def run_uv(runtime: str, arguments: Sequence[str]) -> str:
    """Return the output of a command of uv; raise RuntimeMissing with its error if it fails."""
    try:
        return uv.run_uv(arguments)
    except uv.UvError as error:
        if error.is_missing:
            raise RuntimeMissing(
                f"functions run under {runtime_name()}, which runs the local AWS. Put uv on its "
                "PATH to run functions of other versions"
            ) from None
        raise RuntimeMissing(f"uv could not provide {runtime} ({error})") from error
