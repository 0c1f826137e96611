"""Check which packages are installed on this computer."""

from importlib import metadata


def is_installed(*projects: str) -> bool:
    """Return whether at least one of the projects is completely installed.

    uv and pip write INSTALLER last.
    """
    for project in projects:
        try:
            distribution = metadata.distribution(project)
        except metadata.PackageNotFoundError:
            continue
        if distribution.read_text("METADATA") and distribution.read_text("INSTALLER"):
            return True
    return False
