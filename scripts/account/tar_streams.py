"""Read the archive of a training job as a stream, and refuse one that is damaged.

By itself, tarfile never compares the checksum of a gzip stream, takes a damaged header for the end
of the archive, and, before Python 3.11.14 and 3.12.12, does not end with a negative size.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Self, cast

from newsgroup_classifier.errors import DeploymentError

# As the local AWS accepts them: 30 GB is the default size of SageMaker's storage volumes.
_MAX_BYTES = 30 * 2**30
_MAX_MEMBERS = 50_000
_MAX_EXTENSION = 16 * 1024  # bytes of an extended header; Linux's longest path has 4,096
_EXTENSIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_MAX_READ = 250 * 2**20  # bytes of a member that is read into memory; a Lambda function has no more
_CHUNK = 1024 * 1024  # bytes


@contextmanager
def open_tar(body: Any, uri: str) -> Iterator[tarfile.TarFile]:
    """Open a tar.gz for one pass over its members; raise DeploymentError if it is damaged."""
    try:
        with (
            gzip.GzipFile(fileobj=body) as unpacked,
            _Archive.open(fileobj=cast("IO[bytes]", unpacked), mode="r|") as tar,
        ):
            yield tar
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DeploymentError(
            f"{uri} is not a valid archive: {error}. Train the model again."
        ) from error


def read_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    """Return the content of a file, or None for anything else; raise ReadError if it is large."""
    if not member.isreg():
        return None
    if member.size > _MAX_READ:
        raise tarfile.ReadError(f"{member.name!r} has {member.size} bytes, more than {_MAX_READ}")
    file = tar.extractfile(member)
    return None if file is None else file.read()


class _Header(tarfile.TarInfo):
    """A header that is an error if it is damaged, and not the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header in a block; raise ReadError, or HeaderError at the end."""
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.strip(b"\0"):
                raise tarfile.ReadError(f"a header of a member is damaged ({error})") from error
            raise
        if header.size < 0 or (header.type in _EXTENSIONS and header.size > _MAX_EXTENSION):
            raise tarfile.ReadError(f"a header of {header.name!r} has the size {header.size}")
        return header


class _Archive(tarfile.TarFile):
    """An archive whose members are limited in size and number, and that is read to its end."""

    tarinfo = _Header
    _count = 0

    def next(self) -> tarfile.TarInfo | None:
        """Return the next member, or None after the last one."""
        try:
            member = super().next()
        except (ValueError, LookupError, OverflowError, RecursionError) as error:
            # Of extended headers: tarfile does not check what they contain.
            raise tarfile.ReadError(f"a header of a member is damaged ({error})") from error
        if member is None:
            self._finish()
            return None
        self._count += member.offset > 0  # the first member is returned twice
        if member.size < 0 or member.issparse():
            raise tarfile.ReadError(f"{member.name!r} is sparse, or has a negative size")
        if self.offset > _MAX_BYTES or self._count >= _MAX_MEMBERS:
            raise tarfile.ReadError("it has more than 30 GB, or more than 50,000 members")
        return member

    def _finish(self) -> None:
        """Read what follows the members; at the end, gzip compares the checksum."""
        stream, size = cast("IO[bytes]", self.fileobj), self.offset
        while content := stream.read(_CHUNK):
            size += len(content)
            if size > _MAX_BYTES:
                raise tarfile.ReadError("it has more than 30 GB")
