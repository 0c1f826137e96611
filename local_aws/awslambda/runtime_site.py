"""The folder that replaces AWS's /var/runtime: awslambdaric, boto3, and nothing else.

AWS's managed Python has boto3 and its dependencies in addition to the client. They are linked one
by one from this Python, so that a function sees no other package of the computer: a package that is
missing in its zip is missing here as well as on AWS.
"""

import compileall
import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from py_compile import PycInvalidationMode

_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
_BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")


class RuntimeMissing(Exception):
    """awslambdaric is not installed in this Python."""


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


def make_runtime_site(folder: Path) -> Path:
    """Fill a new folder and return it; raise RuntimeMissing if awslambdaric is not installed.

    The client's few files are copied and compiled, because an installer may leave compiling to the
    first import, and the process of a function writes no .pyc files.
    """
    check_client()
    folder.mkdir(parents=True)
    for name in _CLIENT:
        for path in _top_level(distribution(name)):
            _copy(path, folder / path.name)
    compileall.compile_dir(
        str(folder), quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    for name in _BOTO3:
        for path in _top_level(distribution(name)):
            (folder / path.name).symlink_to(path)
    return folder


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
