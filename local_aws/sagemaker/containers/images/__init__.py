"""The container images the local AWS knows, each with the list of distributions of the real one.

A list was resolved from the image's published dependency file; versions are the image's. A
process of an image can import the distributions on its list that the laptop has, its bundle's
own requirements, and nothing else.
"""

import re
import sys
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

from local_aws.errors import ValidationError

_FOLDER = Path(__file__).parent
SCIKIT_LEARN = "scikit-learn"
TENSORFLOW_SERVING = "tensorflow-serving"
NOTHING = ""
# Name with tag: the list of its distributions, and what its `serve` command is.
_KNOWN = {
    "sagemaker-scikit-learn:1.9-0-cpu-py3": ("sagemaker-scikit-learn-1.9-0.txt", SCIKIT_LEARN),
    "tensorflow-inference:2.20-cpu-py312": (
        "tensorflow-inference-2.20-cpu.txt",
        TENSORFLOW_SERVING,
    ),
    "tensorflow-inference:2.19-cpu-py312": (
        "tensorflow-inference-2.19-cpu.txt",
        TENSORFLOW_SERVING,
    ),
    "tensorflow-inference:2.19-cpu": ("tensorflow-inference-2.19-cpu.txt", TENSORFLOW_SERVING),
    "tensorflow-training:2.21-cpu-py312": ("tensorflow-training-2.21.txt", NOTHING),
}


@dataclass(frozen=True)
class Image:
    """A container image: its name with tag, the distributions it holds, and how it serves.

    A distribution has its version, or an empty text where that is not published.
    """

    name: str
    distributions: dict[str, str]
    serves: str


def find_image(address: str) -> Image:
    """Return the image of a registry address; any account and region is the same image."""
    name = address.rsplit("/", 1)[-1]
    if name not in _KNOWN:
        known = ", ".join(sorted(_KNOWN))
        raise ValidationError(
            f"The local AWS does not know the image {address}. It knows: {known}."
        )
    return _load(name)


@cache
def _load(name: str) -> Image:
    file, serves = _KNOWN[name]
    lines = (_FOLDER / file).read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return Image(name, {normalize(project): version for project, _, version in pairs}, serves)


def hidden_modules(name: str) -> dict[str, str]:
    """Return the top-level modules installed here that the image lacks, each with its project."""
    return _hidden(name, _installed_at())


def _installed_at() -> tuple[int, ...]:
    """Return what changes when a distribution is installed while the local AWS runs."""
    folders = (Path(folder) for folder in sys.path if folder)
    return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())


@lru_cache(maxsize=16)
def _hidden(name: str, _: tuple[int, ...]) -> dict[str, str]:
    image = _load(name)
    return {
        module: projects[0]
        for module, projects in metadata.packages_distributions().items()
        if not any(normalize(project) in image.distributions for project in projects)
    }


def normalize(project: str) -> str:
    """Return a project's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", project).lower()
