"""Whether a package is installed on this computer, whole: a folder of its name says little."""

from importlib import metadata


def is_installed(*projects: str) -> bool:
    """Tell whether one of some projects is here, and its installation came to its end.

    uv and pip write INSTALLER when all the rest of a package is there.
    """
    for project in projects:
        try:
            found = metadata.distribution(project)
        except metadata.PackageNotFoundError:
            continue
        if found.read_text("METADATA") and found.read_text("INSTALLER"):
            return True
    return False
