"""The folder that stands for AWS's /var/runtime: awslambdaric, boto3, and nothing else.

AWS's managed Python has boto3 and what it needs beside the client. They are linked from where this
Python has them, one by one, so that a function sees no other package of the laptop: what its zip
lacks is missing here as it is on AWS.
"""

import compileall
import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from py_compile import PycInvalidationMode

CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
WITH_BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")


class RuntimeMissing(Exception):
    """There is no awslambdaric in this Python."""


def check_client() -> None:
    """Raise RuntimeMissing where there is no awslambdaric."""
    try:
        for name in CLIENT:
            distribution(name)
    except PackageNotFoundError as error:
        raise RuntimeMissing(
            f"The package {error.name} is not installed, and functions run under it. There are "
            "wheels of awslambdaric for Linux only: run the local AWS there, set up with `make`."
        ) from error


def make_runtime_site(folder: Path) -> Path:
    """Fill a new folder and return it; raise RuntimeMissing where there is no awslambdaric.

    The client's few files are copied and compiled, since an installer may leave that to the first
    import, and no process of a function writes .pyc files.
    """
    check_client()
    folder.mkdir(parents=True)
    for name in CLIENT:
        for path in _top_level(distribution(name)):
            _copy(path, folder / path.name)
    compileall.compile_dir(
        str(folder), quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    for name in WITH_BOTO3:
        for path in _top_level(distribution(name)):
            (folder / path.name).symlink_to(path)
    return folder


def _top_level(package: Distribution) -> list[Path]:
    """Return a distribution's files and folders in site-packages; not its programs."""
    names = {path.parts[0] for path in package.files or () if path.parts[0] != ".."}
    root = Path(str(package.locate_file("")))
    return [root / name for name in sorted(names - {"__pycache__"})]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)
