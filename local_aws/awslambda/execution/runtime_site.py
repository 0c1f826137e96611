"""The folder that replaces AWS's /var/runtime: awslambdaric, boto3, and nothing else.

AWS's managed Python has boto3 and its dependencies in addition to the client. They are linked one
by one from this Python, so that a function sees no other package of the computer: a package that is
missing in its zip is missing here as well as on AWS.
"""

import compileall
import re
import shutil
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from py_compile import PycInvalidationMode

from local_aws.pythons import uv

_RUNTIME = re.compile(r"python(3\.1[0-9])")  # those that awslambdaric and boto3 support
_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
_BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")


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


def check_client() -> None:
    """Raise RuntimeMissing if awslambdaric is not installed."""
    try:
        for name in _CLIENT:
            distribution(name)
    except PackageNotFoundError as error:
        raise RuntimeMissing(
            f"Functions run under the package {error.name}, which is not installed. awslambdaric "
            "has wheels for Linux only, so run the local AWS there and install its requirements."
        ) from error


def make_runtime_site(folder: Path, runtime: str | None = None) -> Path:
    """Fill a new folder and return it; raise RuntimeMissing if awslambdaric is not installed.

    For the runtime of another Python, uv installs the same version of the client, which has a part
    in C. The client's few files are copied and compiled, because an installer may leave compiling
    to the first import, and the process of a function writes no .pyc files.
    """
    check_client()
    folder.mkdir(parents=True)
    if runtime in (None, runtime_name()):
        for name in _CLIENT:
            for path in _top_level(distribution(name)):
                _copy(path, folder / path.name)
        compileall.compile_dir(
            str(folder), quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
        )
    else:
        _install_client(folder, runtime)
    for name in _BOTO3:
        for path in _top_level(distribution(name)):
            (folder / path.name).symlink_to(path)
    return folder


def _install_client(folder: Path, runtime: str) -> None:
    pins = [f"{name}=={distribution(name).version}" for name in _CLIENT]
    options = ["--python", str(find_python(runtime)), "--target", str(folder), "--no-deps"]
    try:
        run_uv(runtime, ["pip", "install", "--compile-bytecode", *options, *pins])
    except RuntimeMissing:
        shutil.rmtree(folder)  # the next function of this runtime tries again
        raise


def _top_level(package: Distribution) -> list[Path]:
    """Return a distribution's files and folders in site-packages, without its programs."""
    names = {path.parts[0] for path in package.files or () if path.parts[0] != ".."}
    root = Path(str(package.locate_file("")))
    return [root / name for name in sorted(names - {"__pycache__"})]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)
