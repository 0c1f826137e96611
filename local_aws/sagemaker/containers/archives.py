"""Check and unpack users' archives, and pack the output of jobs.

Every archive is read to the end of its gzip stream, whose checksum and length must be right.
"""

import errno
import gzip
import io
import math
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Self

from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.objects import download_object
from local_aws.sagemaker.region import Region

VOLUME_GB = 30  # the default size of an ML storage volume, onto which archives are unpacked
MAX_MEMBERS = 50_000  # TensorFlow, the largest package of the images, has 18,000 files
MAX_DEPTH = 100  # names in a path
_MAX_NAME = 255  # bytes of a file's name on Linux
_CHUNK = 1024 * 1024  # bytes
_MAX_HEADERS = 128 * 1024  # bytes in front of a member; Linux's longest path has 4,096
_GIGABYTE = 2**30  # a GB of EBS


class RefusedMember(Exception):
    """The archive contains a member that is not accepted."""


def extract(archive: Path, folder: Path, source: str) -> None:
    """Unpack a tar.gz into a folder; raise JobFailure naming its source if it is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    files: set[PurePosixPath] = set()
    with _refusal(source):
        for path, member, content in _members(archive, VOLUME_GB):
            _check_safety(path, member, files)
            _write(folder, path, member, content)


def check(archive: Path, source: str, gigabytes: int = VOLUME_GB) -> None:
    """Raise JobFailure naming the source of a tar.gz if it is damaged or exceeds a limit."""
    with _refusal(source):
        for _ in _members(archive, gigabytes):
            pass


@contextmanager
def _refusal(source: str) -> Iterator[None]:
    """Raise JobFailure for the errors of an archive."""
    try:
        yield
    except RefusedMember as error:
        raise JobFailure(f"{source} is rejected: it contains {error}") from error
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise JobFailure(f"{source} is not a complete tar.gz archive: {error}") from error
    except (ValueError, RecursionError) as error:  # tarfile raises them for some extended headers
        raise JobFailure(
            f"{source} is not a complete tar.gz archive: an extended header is damaged"
        ) from error


def _members(
    archive: Path, gigabytes: int
) -> Iterator[tuple[PurePosixPath, tarfile.TarInfo, IO[bytes] | None]]:
    """Yield the path, header, and content of each member, and read the archive to its end."""
    with gzip.open(archive) as unpacked:
        stream = _LimitedStream(unpacked, gigabytes)
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header, encoding="utf-8") as tar:
            number = 0
            while (member := tar.next()) is not None:
                number += 1
                if number > MAX_MEMBERS:
                    raise RefusedMember(f"more than {MAX_MEMBERS:,} files and folders")
                _check_kind(member)
                if tar.offset != member.offset_data + _in_blocks(member.size):
                    raise tarfile.ReadError(f"{member.name!r} has different sizes")
                stream.expect(member.size)
                content = tar.extractfile(member) if member.isreg() else None
                yield _checked_path(member), member, content
                while content is not None and content.read(_CHUNK):
                    pass  # tarfile would skip what is not read, even behind the end of the stream
        stream.expect(0, math.inf)
        while stream.read(_CHUNK):  # gzip compares the checksum and the length at the end
            pass


class _LimitedStream(io.BufferedIOBase):
    """A stream that refuses to be longer than a volume, or to have headers that fill the memory."""

    def __init__(self, stream: gzip.GzipFile, gigabytes: int) -> None:
        self._stream, self._gigabytes, self._left = stream, gigabytes, gigabytes * _GIGABYTE
        self._expected: float = _MAX_HEADERS

    def expect(self, size: int, headers: float = _MAX_HEADERS) -> None:
        """Allow a content of `size` bytes and the headers behind it to be read."""
        if size > self._left:
            raise RefusedMember(f"more than the {self._gigabytes} GB of its volume")
        self._expected = size + headers

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes."""
        content = self._stream.read(-1 if size is None else size)
        if len(content) > self._left:
            raise RefusedMember(f"more than the {self._gigabytes} GB of its volume")
        if len(content) > self._expected:
            raise tarfile.ReadError("the extended headers of a member are too long")
        self._left -= len(content)
        self._expected -= len(content)
        return content


class _Header(tarfile.TarInfo):
    """A header that must be intact; tarfile takes a damaged one for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Parse a header; raise ReadError or RefusedMember, or HeaderError at the real end."""
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if not buf.strip(b"\0"):
                raise
            raise tarfile.ReadError(f"a header of a member is damaged ({error})") from error
        if header.size < 0:
            raise tarfile.ReadError(f"{header.name!r} has the size {header.size}")
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise _sparse(header)
        return header


def _in_blocks(size: int) -> int:
    """Return the bytes of the blocks that a content takes."""
    return size + -size % tarfile.BLOCKSIZE


def _check_kind(member: tarfile.TarInfo) -> None:
    """Raise an error for a member of an unknown or unsupported kind, or of an impossible size."""
    if any(key.startswith("GNU.sparse.") for key in member.pax_headers):
        raise _sparse(member)
    if member.type not in tarfile.SUPPORTED_TYPES:
        raise RefusedMember(f"a member of the unknown type {member.type!r}, {member.name!r}")
    if member.size < 0 or (member.size and not member.isreg()):
        raise tarfile.ReadError(f"{member.name!r} is not a file of the size {member.size}")


def _sparse(member: tarfile.TarInfo) -> RefusedMember:
    return RefusedMember(f"a sparse file, {member.name!r}; pack it again without --sparse")


def _checked_path(member: tarfile.TarInfo) -> PurePosixPath:
    """Return the path of a member; raise RefusedMember if it exceeds a limit."""
    path = PurePosixPath(member.name)
    if len(path.parts) > MAX_DEPTH:
        raise RefusedMember(f"a path of more than {MAX_DEPTH} names, {member.name[:60]!r}...")
    if any(len(os.fsencode(part)) > _MAX_NAME for part in path.parts):
        raise RefusedMember(f"a name of more than {_MAX_NAME} bytes, {member.name[:60]!r}...")
    return path


def _check_safety(path: PurePosixPath, member: tarfile.TarInfo, files: set[PurePosixPath]) -> None:
    """Raise RefusedMember unless a member is safe to write; add a file to those written so far.

    A hard link must name an earlier file of the archive, as the hard links that tar packs do. AWS
    documents that SageMaker cannot extract an archive with a symbolic link.
    """
    if member.issym():
        raise RefusedMember(
            f"an unsafe link {member.name!r}: SageMaker does not extract symbolic links; pack "
            "the file itself, as tar does with the option --dereference"
        )
    linked = PurePosixPath(member.linkname)
    if member.islnk() and (linked not in files or linked == path):
        raise RefusedMember(f"an unsafe link {member.name!r} to no earlier file of the archive")
    inside = not path.is_absolute() and ".." not in path.parts and "\0" not in member.name
    if not inside or member.isdev() or not (path.parts or member.isdir()):
        raise RefusedMember(f"an unsafe path {member.name!r}")
    if not member.isdir():
        files.add(path)


def _write(
    folder: Path, path: PurePosixPath, member: tarfile.TarInfo, content: IO[bytes] | None
) -> None:
    """Write a file, folder, or hard link; the last one of several with one path remains."""
    target = folder / path
    if len(os.fsencode(target)) >= os.pathconf(folder, "PC_PATH_MAX"):
        raise RefusedMember(f"a path too long for this computer, {member.name[:60]!r}...")
    if member.size > shutil.disk_usage(folder).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    try:
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        if member.islnk():
            target.hardlink_to(folder / member.linkname)
            return
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise RefusedMember(f"{member.name!r} as a file and as a folder") from error
    if content is not None:
        with target.open("wb") as file:
            shutil.copyfileobj(content, file, _CHUNK)


def pack(members: Mapping[str, Path], archive: Path) -> None:
    """Pack files and folders, sorted by name, and write the archive atomically.

    Of several names of one file, tar packs the first one as the file, and the others as hard links.
    """
    part = archive.with_suffix(".part")
    with tarfile.open(part, "w:gz", compresslevel=1) as tar:
        for name, path in sorted(members.items()):
            tar.add(path, arcname=name, recursive=False)
    part.replace(archive)


def check_bundle(region: Region, uri: str, folder: Path, gigabytes: int = VOLUME_GB) -> None:
    """Raise JobFailure if a bundle in S3 is damaged, or larger unpacked than a volume."""
    if not uri.startswith("s3://"):  # a folder in the container
        return
    archive = folder / "checked-bundle.tar.gz"
    try:
        download_object(region.client("s3"), uri, archive)
    except JobFailure:
        return  # the container fails to download it as well, and its log says why
    check(archive, uri, gigabytes)
    archive.unlink()
