"""Discover the recipes or data sets that the modules of a package declare."""

import importlib
import pkgutil
from types import ModuleType
from typing import Protocol, TypeVar

from newsgroup_classifier.errors import ProjectError


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """The name."""


N = TypeVar("N", bound=Named)


def discover(package: ModuleType, kind: type[N]) -> dict[str, N]:
    """Return the objects of a kind that a package's modules declare, by name.

    They are in the order of the modules' names, and of their definition within a module. Raises
    ProjectError if two of them have the same name.
    """
    found: dict[str, N] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        module = importlib.import_module(f"{package.__name__}.{name}")
        for item in vars(module).values():
            if not isinstance(item, kind):
                continue
            if found.setdefault(item.name, item) is not item:
                raise ProjectError(
                    f"{module.__name__} declares {item.name!r}, a name that another module of "
                    f"{package.__name__} has already; expected a name of its own"
                )
    return found
