"""Unpack users' archives safely, and pack the output of jobs."""

import shutil
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from local_aws.sagemaker.errors import JobFailure

_MAX_RATIO = 100  # unpacked bytes to packed bytes
_MIN_LIMIT = 10 * 1024 * 1024  # bytes that any archive may unpack to


def extract(archive: Path, folder: Path, source: str) -> None:
    """Unpack a model.tar.gz into a folder; raise JobFailure naming its source if it is unsafe."""
    limit = max(_MIN_LIMIT, _MAX_RATIO * archive.stat().st_size)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            total = 0
            for member in tar:
                total += member.size
                if total > limit:
                    raise JobFailure(
                        f"{source} unpacks to more than {_MAX_RATIO} times its size; "
                        "such archives are rejected"
                    )
                _extract_member(tar, member, folder, source)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise JobFailure(f"{source} is not a complete tar.gz archive: {error}") from error


def _extract_member(
    tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, source: str
) -> None:
    """Write one file or folder; reject links, devices, and paths outside the folder.

    tarfile's own filter="data" requires Python 3.11.4, but Debian 12 has 3.11.2.
    """
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
        kind = "link" if member.issym() or member.islnk() else "path"
        raise JobFailure(f"{source} is rejected: it contains an unsafe {kind} {member.name!r}")
    target = folder / path
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    if content is None:
        raise JobFailure(f"{source} contains an unreadable file {member.name!r}")
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def pack(members: Mapping[str, Path], archive: Path) -> None:
    """Pack files and folders, sorted by name, and write the archive atomically."""
    part = archive.with_suffix(".part")
    with tarfile.open(part, "w:gz", compresslevel=1) as tar:
        for name, path in sorted(members.items()):
            tar.add(path, arcname=name, recursive=False)
    part.replace(archive)
