"""Reject the imports that would fail in the real image, and explain those that fail only here.

The local AWS writes a file with the modules that are installed on this computer but not in the
image. The packages in the bundle's requirements.txt are allowed; the pip stand-in records them. The
file also has the modules that the image has and this computer lacks.
"""

import importlib.util
import json
import os
import sys
import sysconfig
from collections.abc import Callable, Sequence
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
        """Reject a hidden module; leave all others to the next finders."""
        if path is not None or name not in self._hidden or _is_in_the_bundle(name):
            return None
        if not self._is_installed(self._hidden[name]):
            raise _refusal(
                name,
                f"the image {self._image} does not contain the distribution "
                f"{self._hidden[name]!r}; add it to the bundle's requirements.txt",
            )
        return None

    def _is_installed(self, project: str) -> bool:
        """Read the file each time: the process that installs may also be the one that serves."""
        if not self._installed.exists():
            return False
        return project in self._installed.read_text(encoding="utf-8").split()


class LackingFinder(MetaPathFinder):
    """Explains the import of a module that the image has, and no finder before this one found."""

    def __init__(self, image: str, lacking: dict[str, str]) -> None:
        self._image, self._lacking = image, lacking

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Reject a module of the image that is not here."""
        if path is None and name in self._lacking:
            raise _refusal(
                name,
                f"the image {self._image} contains the distribution {self._lacking[name]!r}, and "
                "this computer does not; get the packages of the image with: local-aws images "
                f"install {self._image}",
            )


def _refusal(name: str, reason: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"No module named {name!r} ({reason})", name=name)


def _is_in_the_bundle(name: str) -> bool:
    """Return whether a module would be imported from outside this computer's site-packages."""
    spec = PathFinder.find_spec(name)
    if spec is None:
        return False
    paths = [*(spec.submodule_search_locations or ()), spec.origin or ""]
    packages = tuple(f"{sysconfig.get_path(kind)}{os.sep}" for kind in ("purelib", "platlib"))
    return not any(path.startswith(packages) for path in paths)


def without_editable_installs(path: Sequence[str]) -> list[str]:
    """Return the import path without the folders that this computer's .pth files add to it.

    A project that is installed in editable mode on this computer is not in the image.
    """
    python = tuple({sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix})
    declared = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [folder for folder in path if folder in declared or folder.startswith(python)]


def install() -> None:
    """Insert one finder before all others, and one after them."""
    facts = json.loads(Path(os.environ["LOCAL_AWS_IMAGE_FILE"]).read_text(encoding="utf-8"))
    installed = Path(os.environ["LOCAL_AWS_INSTALLED_FILE"])
    sys.meta_path.insert(0, ImageFinder(facts["image"], facts["hidden"], installed))
    sys.meta_path.append(LackingFinder(facts["image"], facts["lacking"]))
    importlib.util.find_spec = _quiet(importlib.util.find_spec)


def _quiet(find_spec: Callable[..., ModuleSpec | None]) -> Callable[..., ModuleSpec | None]:
    """Return a find_spec that finds nothing where an import is refused: programs ask with it."""

    def quiet_find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        try:
            return find_spec(name, package)
        except ModuleNotFoundError as error:
            if error.name != name:  # of a package that has the module
                raise
            return None

    return quiet_find_spec
