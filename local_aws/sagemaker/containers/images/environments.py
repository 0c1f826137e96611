"""Environments with the packages of an image, in its versions, which the user may install.

Jobs and containers of such an image run in its environment. Those of the others run in that of the
local AWS, which has other versions of some packages and lacks others.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

from local_aws.errors import ValidationError
from local_aws.processes import interpreter, plain_path
from local_aws.pythons.uv import UvError, run_uv
from local_aws.sagemaker.containers.images import TENSORFLOW_SERVING, Image

FOLDER_VARIABLE = "LOCAL_AWS_IMAGES"
_PYTHON = "3.12"  # of all images
_COMPLETE = "packages.txt"  # written last, with the packages that the environment has
_SECONDS = 3600
# Modules whose names are not those of their distributions.
_MODULES = {
    "argon2-cffi": "argon2",
    "beautifulsoup4": "bs4",
    "dm-tree": "tree",
    "gitpython": "git",
    "multi-model-server": "mms",
    "opencv-python": "cv2",
    "pyfunctional": "functional",
    "pyjwt": "jwt",
    "python-json-logger": "pythonjsonlogger",
    "python-rapidjson": "rapidjson",
    "pyzmq": "zmq",
}
_OWN = {"sagemaker-sklearn-container", "sagemaker-tensorflow-training"}  # stand-ins of its own


def python_of(image: Image) -> Path:
    """Return the Python that runs the jobs and containers of an image."""
    folder = _folder(image)
    return plain_path(folder) / "bin" / "python" if _is_complete(folder) else interpreter()


def is_installed(image: Image) -> bool:
    """Return whether the image has an environment of its own."""
    return _is_complete(_folder(image))


def lacking(image: Image) -> dict[str, str]:
    """Return the modules of the image that its processes cannot import, with their distributions.

    The names of modules that are not installed are guessed from those of their distributions.
    """
    have = _recorded(_folder(image)) if is_installed(image) else _names_here()
    missing = image.distributions.keys() - have - _OWN
    return {_MODULES.get(name, name.replace("-", "_")): name for name in sorted(missing)}


def install(image: Image, say: Callable[[str], None]) -> Mapping[str, str]:
    """Build the environment of an image; return the distributions that it lacks, each with why.

    An earlier one is replaced once the new one is complete. Raise UvError if uv cannot make it or
    installs nothing, and ValidationError for an image whose environment would not be used.
    """
    if image.serves == TENSORFLOW_SERVING:
        raise ValidationError(
            f"{image.name} gets no environment: its TensorFlow Serving is a stand-in, which runs "
            "with the TensorFlow of the local AWS"
        )
    folder = _folder(image)
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    say(f"Making an environment with Python {_PYTHON} in {folder} ...")
    try:
        run_uv(["venv", "--quiet", "--relocatable", "--no-project", "--python", _PYTHON, str(new)])
    except UvError as error:
        if error.is_missing:
            raise
        raise UvError(
            f"uv could not make an environment with Python {_PYTHON}, which the image has ({error})"
        ) from error
    wanted = {name: f"{name}=={version}" if version else name for name, version in _wanted(image)}
    failed = _install(new, wanted, say)
    if len(failed) == len(wanted):  # no connection to the registry, for instance
        shutil.rmtree(new)
        raise UvError(f"none of the packages could be installed ({next(iter(failed.values()))})")
    lines = [f"{name}=={version}" for name, version in sorted(_packages(new).items())]
    (new / _COMPLETE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return failed


def remove(image: Image) -> bool:
    """Remove the environment of an image; return whether there was one."""
    folder = _folder(image)
    if existed := folder.exists():
        shutil.rmtree(folder)
    return existed


def _install(folder: Path, wanted: Mapping[str, str], say: Callable[[str], None]) -> dict[str, str]:
    """Install all distributions at once, or one by one if the registry lacks any."""
    python = str(folder / "bin" / "python")
    command = ["pip", "install", "--quiet", "--no-deps", "--python", python]
    say(f"Installing {len(wanted)} packages ...")
    try:
        run_uv([*command, *wanted.values()], _SECONDS)
    except UvError as error:
        say(f"Not all at once ({error}); installing one by one ...")
    else:
        return {}
    failed = dict[str, str]()
    for number, requirement in enumerate(wanted.values(), 1):
        try:
            run_uv([*command, requirement], _SECONDS)
        except UvError as error:
            failed[requirement] = str(error)
        if number % 50 == 0:
            say(f"  {number} of {len(wanted)}")
    return failed


def _wanted(image: Image) -> Iterable[tuple[str, str]]:
    return ((name, pin) for name, pin in image.distributions.items() if name not in _OWN)


def _folder(image: Image) -> Path:
    own = os.environ.get(FOLDER_VARIABLE)
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(own) if own else cache_folder / "local-aws" / "images"
    return folder / image.name.replace(":", "-")


def _is_complete(folder: Path) -> bool:
    return (folder / _COMPLETE).is_file()


def _recorded(folder: Path) -> set[str]:
    """Return the distributions of a complete environment, without reading each one's metadata."""
    lines = (folder / _COMPLETE).read_text(encoding="utf-8").splitlines()
    return {line.partition("==")[0] for line in lines}


def _packages(folder: Path) -> dict[str, str]:
    sites = [str(path) for path in folder.glob("lib/python*/site-packages")]
    return {
        canonicalize_name(each.metadata["Name"]): each.version
        for each in metadata.distributions(path=sites)
    }


@cache
def _names_here() -> set[str]:
    return {canonicalize_name(each.metadata["Name"]) for each in metadata.distributions()}
