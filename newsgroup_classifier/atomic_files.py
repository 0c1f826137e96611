"""Write files that are either complete or absent, even after a kill or on a full disk."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path, which replaces `path` at the end of the block or is removed.

    Errors name `path` and not the temporary one.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder; expected a file", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with writing_to(path.parent):
            yield part
        part.replace(path)
    except OSError as error:
        if str(error.filename) == str(part):
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Name the folder in the error of a full or read-only disk; a failed write names no file."""
    try:
        yield
    except OSError as error:
        if is_disk_error(error) and error.filename is None:
            error.filename = str(folder)
        raise


def is_disk_error(error: OSError) -> bool:
    """Return whether a disk is full or read-only."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
