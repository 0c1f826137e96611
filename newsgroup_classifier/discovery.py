"""Discover the recipes or data sets that the modules of a package declare."""

import importlib.util
import pkgutil
from collections import UserDict
from functools import cached_property
from types import ModuleType
from typing import Any, TypeVar

from newsgroup_classifier.errors import ProjectError, did_you_mean, nearest

N = TypeVar("N", bound=Any)  # has a name


class Catalogue(UserDict[str, N]):
    """The objects of a kind that a package's modules declare, by name.

    They are in the order of the modules' names, and of their definition within a module. The
    modules are imported on first use, which raises ProjectError if one cannot be imported or if
    two objects have the same name; so commands can report it.
    """

    def __init__(self, package: ModuleType, kind: type[N], noun: str) -> None:
        self._package, self._kind, self._noun = package, kind, noun

    @cached_property
    def data(self) -> dict[str, N]:  # type: ignore[override]
        """The objects, which UserDict looks up here."""
        objects: dict[str, N] = {}
        for name in sorted(module.name for module in pkgutil.iter_modules(self._package.__path__)):
            module = _import(f"{self._package.__name__}.{name}")
            for item in vars(module).values():
                if isinstance(item, self._kind) and objects.setdefault(item.name, item) is not item:
                    raise ProjectError(
                        f"{module.__file__} declares {item.name!r}, a name that another module of "
                        f"{self._package.__name__} already uses; choose another name"
                    )
        return objects

    def find(self, name: str) -> N:
        """Return an object; raise ProjectError with the most similar name if there is none."""
        if name in self:
            return self[name]
        hint, known = did_you_mean(nearest(name, self)), ", ".join(self)
        raise ProjectError(f"unknown {self._noun} {name!r}{hint} (known: {known})")


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        spec = importlib.util.find_spec(name)
        cause = (
            str(error) if isinstance(error, ProjectError) else f"{type(error).__name__}: {error}"
        )
        raise ProjectError(
            f"{spec and spec.origin} cannot be imported: {cause}. Fix the file, or remove it; if a "
            "package is missing, use the project's own Python: .venv/bin/python"
        ) from error
