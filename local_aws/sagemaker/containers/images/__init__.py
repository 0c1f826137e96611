"""The container images that the local AWS supports, each with its list of distributions.

Each list was resolved from the real image's published dependency file. A container can import only
the distributions that are on the list and installed on this computer, and the requirements of its
own bundle.
"""

import sys
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

from local_aws.errors import ValidationError

_FOLDER = Path(__file__).parent
SCIKIT_LEARN = "scikit-learn"
TENSORFLOW_SERVING = "tensorflow-serving"
# Each name and tag with the file that lists the distributions and the kind of `serve` command.
_IMAGES = {
    "sagemaker-scikit-learn:1.9-0-cpu-py3": ("sagemaker-scikit-learn-1.9-0", SCIKIT_LEARN),
    "tensorflow-inference:2.20-cpu-py312": ("tensorflow-inference-2.20-cpu", TENSORFLOW_SERVING),
    "tensorflow-inference:2.19-cpu-py312": ("tensorflow-inference-2.19-cpu", TENSORFLOW_SERVING),
    "tensorflow-inference:2.19-cpu": ("tensorflow-inference-2.19-cpu", TENSORFLOW_SERVING),
    "tensorflow-training:2.21-cpu-py312": ("tensorflow-training-2.21", None),
}


@dataclass(frozen=True)
class Image:
    """A container image."""

    name: str  # with the tag
    distributions: dict[str, str]  # project: version, empty if it is not published
    serves: str | None


def find_image(address: str) -> Image:
    """Return the image at a registry address in any account and region."""
    registry, _, name = address.rpartition("/")
    if name not in _IMAGES:
        same = [known for known in _IMAGES if known.split(":")[0] == name.split(":")[0]]
        hint = f" Use {registry}/{same[0]} (image_uri in the SDK)." if registry and same else ""
        raise ValidationError(
            f"The local AWS does not know the image {address}. It knows: "
            f"{', '.join(sorted(_IMAGES))}.{hint}"
        )
    return _load(name)


def all_images() -> list[Image]:
    """Return all images."""
    return [_load(name) for name in _IMAGES]


@cache
def _load(name: str) -> Image:
    file, serves = _IMAGES[name]
    lines = (_FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return Image(
        name, {canonicalize_name(project): version for project, _, version in pairs}, serves
    )


def hidden_modules(name: str) -> dict[str, str]:
    """Return the modules that are installed here but not in the image, each with its project."""
    return _hidden(name, _installation_times())


def _installation_times() -> tuple[int, ...]:
    """Return times that change when a distribution is installed while the local AWS runs."""
    folders = (Path(folder) for folder in sys.path if folder)
    return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())


@lru_cache(maxsize=16)
def _hidden(name: str, _: tuple[int, ...]) -> dict[str, str]:
    image = _load(name)
    return {
        module: projects[0]
        for module, projects in metadata.packages_distributions().items()
        if not any(canonicalize_name(project) in image.distributions for project in projects)
    }
