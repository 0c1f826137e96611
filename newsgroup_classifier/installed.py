"""The packages that are installed here."""

from collections.abc import Mapping
from functools import cache


@cache
def projects_by_module() -> Mapping[str, list[str]]:
    """Return the projects that install each top-level module.

    The first call reads the metadata of all of them, most of a second.
    """
    from importlib import metadata  # takes longer to import than most of a command line

    return metadata.packages_distributions()
