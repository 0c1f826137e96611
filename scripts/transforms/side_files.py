"""Files that programs leave next to data, such as .DS_Store and Spark's _SUCCESS."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from scripts.account.command import say

_PATTERNS = (  # of the name of a file or of a folder above it, in lower case
    *(".ds_store", "._*", "__macosx"),  # macOS
    *("thumbs.db", "desktop.ini"),  # Windows
    *("_success", "_committed_*", "_started_*", "_temporary"),  # Spark
    *(".*.crc", "*_$folder$"),  # Hadoop
    ".ipynb_checkpoints",
)
_SHOWN = 3  # names in the note


def is_side_file(path: str) -> bool:
    """Return whether a relative path is that of a well-known side file, or in such a folder."""
    names = (name.lower() for name in PurePosixPath(path).parts)
    return any(fnmatchcase(name, pattern) for name in names for pattern in _PATTERNS)


def note_skipped(paths: Iterable[str]) -> None:
    """Print which side files a transform does not read."""
    names = list(paths)
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        say(f"Note: skipping files that are not data: {', '.join(names[:_SHOWN])}{more}.")
