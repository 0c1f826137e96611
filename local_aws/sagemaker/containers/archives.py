"""Unpack what users upload without trusting it, and pack what jobs leave behind."""

import shutil
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from local_aws.errors import JobFailure

_MAX_RATIO = 100  # unpacked bytes to packed bytes
_SMALL = 10 * 1024 * 1024  # archives that unpack to less are not measured


def extract(archive: Path, folder: Path, source: str) -> None:
    """Unpack a model.tar.gz into a folder; raise JobFailure naming its source if it is unsafe."""
    limit = max(_SMALL, _MAX_RATIO * archive.stat().st_size)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            total = 0
            for member in tar:
                total += member.size
                if total > limit:
                    raise JobFailure(
                        f"{source} unpacks to more than {_MAX_RATIO} times its size and is refused"
                    )
                _extract_member(tar, member, folder, source)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise JobFailure(f"{source} is not a whole tar.gz archive: {error}") from error


def _extract_member(
    tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, source: str
) -> None:
    """Write one file or folder; links, devices and paths out of the folder are refused.

    tarfile's own filter="data" came with Python 3.11.4; Debian 12 still has 3.11.2.
    """
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
        kind = "link" if member.issym() or member.islnk() else "path"
        raise JobFailure(f"{source} holds an unsafe {kind} {member.name!r} and is refused")
    target = folder / path
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    if content is None:
        raise JobFailure(f"{source} holds an unreadable file {member.name!r}")
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def pack(members: Mapping[str, Path], archive: Path) -> None:
    """Pack files and folders under names, in order; the archive appears whole or not at all."""
    part = archive.with_suffix(".part")
    with tarfile.open(part, "w:gz", compresslevel=1) as tar:
        for name, path in sorted(members.items()):
            tar.add(path, arcname=name, recursive=False)
    part.replace(archive)
