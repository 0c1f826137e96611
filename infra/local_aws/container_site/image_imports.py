"""Refuse the imports that the real image would refuse.

The local AWS names, in a file, the modules that this laptop has and the image has not. What the
bundle's own requirements.txt asked for is allowed (container_site/pip writes those down).
"""

import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


class ImageFinder(MetaPathFinder):
    """Raises ModuleNotFoundError for the top-level modules that the image lacks."""

    def __init__(self, image: str, hidden: dict[str, str]) -> None:
        self._image, self._hidden = image, hidden

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse a hidden module; leave every other one to the finders behind this one."""
        if path is None and name in self._hidden:
            raise ModuleNotFoundError(
                f"No module named {name!r} (the image {self._image} has no distribution "
                f"{self._hidden[name]!r}; the bundle's requirements.txt can ask for it)",
                name=name,
            )
        return None


def install() -> None:
    """Put the finder in front, with what the bundle's requirements allow taken out."""
    facts = json.loads(Path(os.environ["LOCAL_AWS_IMAGE_FILE"]).read_text(encoding="utf-8"))
    installed = Path(os.environ["LOCAL_AWS_INSTALLED_FILE"])
    allowed = set(installed.read_text(encoding="utf-8").split()) if installed.exists() else set()
    hidden = {name: project for name, project in facts["hidden"].items() if project not in allowed}
    sys.meta_path.insert(0, ImageFinder(facts["image"], hidden))
