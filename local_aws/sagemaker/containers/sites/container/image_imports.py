"""Refuse the imports that the real image would refuse.

The local AWS names, in a file, the modules that this laptop has and the image has not. What the
bundle's own requirements.txt asked for is allowed (container_site/pip writes those down).
"""

import json
import os
import sys
import sysconfig
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class ImageFinder(MetaPathFinder):
    """Raises ModuleNotFoundError for the top-level modules that the image lacks."""

    def __init__(self, image: str, hidden: dict[str, str], installed: Path) -> None:
        self._image, self._hidden, self._installed = image, hidden, installed

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse a hidden module; leave every other one to the finders behind this one."""
        if path is not None or name not in self._hidden or _is_in_the_bundle(name):
            return None
        if not self._is_installed(self._hidden[name]):
            raise ModuleNotFoundError(
                f"No module named {name!r} (the image {self._image} has no distribution "
                f"{self._hidden[name]!r}; the bundle's requirements.txt can ask for it)",
                name=name,
            )
        return None

    def _is_installed(self, project: str) -> bool:
        """Look anew each time: the process that installs may be the one that serves."""
        if not self._installed.exists():
            return False
        return project in self._installed.read_text(encoding="utf-8").split()


def _is_in_the_bundle(name: str) -> bool:
    """Tell whether a module would come from elsewhere than where the laptop has its packages."""
    found = PathFinder.find_spec(name)
    if found is None:
        return False
    places = [*(found.submodule_search_locations or ()), found.origin or ""]
    packages = tuple(f"{sysconfig.get_path(kind)}{os.sep}" for kind in ("purelib", "platlib"))
    return not any(place.startswith(packages) for place in places)


def without_editable_installs(path: Sequence[str]) -> list[str]:
    """Return the import path without the folders that this computer's .pth files add to it.

    A project that is installed in editable mode on this computer is not in the image.
    """
    python = tuple({sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix})
    declared = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [folder for folder in path if folder in declared or folder.startswith(python)]


def install() -> None:
    """Put the finder in front of all others."""
    facts = json.loads(Path(os.environ["LOCAL_AWS_IMAGE_FILE"]).read_text(encoding="utf-8"))
    installed = Path(os.environ["LOCAL_AWS_INSTALLED_FILE"])
    sys.meta_path.insert(0, ImageFinder(facts["image"], facts["hidden"], installed))
