"""Open a user's file: plain or gzipped bytes, a zip archive, or a folder.

Nothing is unpacked to the disk, and an archive may not expand without limit.
"""

import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from newsgroup_classifier.datasets.files.usual_names import shown_list
from newsgroup_classifier.errors import DataError, reason_of

FORMATS = (
    "a CSV, TSV, JSON lines, or Parquet file, a gzip or zip of one, or a folder with one subfolder "
    "per class"
)
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg")
_MAX_RATIO, _ALWAYS_ALLOWED = 200, 2**28  # unpacked bytes per packed byte; bytes of any archive
_BUFFER = 2**18  # bytes
_BROKEN = (
    *(OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError),
    UnicodeDecodeError,  # of a name in an archive
)
_IGNORED = {"__MACOSX", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Source:
    """A file: its name for messages, its ending that tells the format, and how to open it."""

    name: str
    suffix: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Tree:
    """The files of a folder or zip archive, by their paths in it."""

    name: str
    files: dict[PurePosixPath, Callable[[], BinaryIO]]

    def by_class(self) -> list[tuple[str, Source]]:
        """Return the class, its folder's name, of each file in a folder, sorted by path.

        Raises DataError if no file is in a folder, or if most files are nested one level deeper.
        Files next to the folders have no class.
        """
        paths = {path.parts: path for path in self.files}
        while len({parts[0] for parts in paths}) == 1 and max(map(len, paths)) > 2:
            paths = {parts[1:]: path for parts, path in paths.items() if len(parts) > 1}
        if 2 * sum(len(parts) > 2 for parts in paths) > len(paths):
            outer = sorted({parts[0] for parts in paths if len(parts) > 2})
            raise DataError(
                f"{self.name} has folders ({shown_list(outer)}) with folders in them; expected one "
                "subfolder of files per class. If the inner folders are the classes, pass one of "
                "the outer folders, and another one with --test-file; if the outer ones are, move "
                "their files up"
            )
        files = [
            (parts[0], Source(f"{self.name}/{path}", path.suffix.lower(), self.files[path]))
            for parts, path in sorted(paths.items())
            if len(parts) > 1
        ]
        if not files:
            raise DataError(
                f"{self.name} has no subfolders with files; expected one subfolder per class, such "
                f"as {self.name}/billing/1.txt, or a single file"
            )
        for label, _ in files:
            try:
                label.encode()
            except UnicodeEncodeError as error:
                raise DataError(
                    f"{self.name} has a folder whose name {label!r} is not UTF-8; expected names "
                    "of classes in UTF-8; rename it"
                ) from error
        return files


class _Unpacked(io.RawIOBase):
    """The bytes of a packed file, which may not expand beyond a limit."""

    def __init__(self, packed: Any, name: str, limit: int) -> None:
        self._packed, self._name, self._left = packed, name, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._packed.read(len(buffer))
        except _BROKEN as error:
            raise _damaged(self._name, error) from error
        self._left -= len(content)
        if self._left < 0:
            raise _bomb(self._name)
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._packed.close()
        super().close()


def open_path(path: Path) -> Source | Tree:
    """Return what is at a path; raise DataError if it does not exist, is empty, or is damaged."""
    if path.is_dir():
        paths = {PurePosixPath(each.relative_to(path).as_posix()): each for each in walk(path)}
        files = {name: each for name, each in paths.items() if _counts(name) and each.is_file()}
        return Tree(str(path), {name: partial(_open_file, file) for name, file in files.items()})
    if not path.exists():
        raise DataError(f"{path} does not exist; expected {FORMATS}")
    if not path.is_file():
        raise DataError(
            f"{path} is a pipe or a device, and the data is read several times; write it to a file "
            "first"
        )
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise DataError(f"{path} is empty; expected {FORMATS}")
    if head in (b"PK\x03\x04", b"PK\x05\x06"):  # the second one is that of an empty archive
        return _open_zip(path)
    if head.startswith(b"\x1f\x8b"):
        limit = _limit(path.stat().st_size)
        suffix = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
        return Source(str(path), suffix.lower(), partial(_open_gzip, path, limit))
    return Source(str(path), path.suffix.lower(), partial(_open_file, path))


def walk(path: Path) -> Iterator[Path]:
    """Yield what is not a folder below a path, also in folders that are symbolic links."""

    def fail(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(path, followlinks=True, onerror=fail):
        place = Path(folder)
        yield from (place / name for name in names)
        here = place.resolve()
        # Not back to a folder that this one is in.
        folders[:] = [name for name in folders if not here.is_relative_to((place / name).resolve())]


def _counts(path: PurePosixPath) -> bool:
    """Return whether neither a file nor a folder on its path is hidden."""
    return not any(part in _IGNORED or part.startswith(".") for part in path.parts)


def _limit(packed: int) -> int:
    return max(_ALWAYS_ALLOWED, _MAX_RATIO * packed)


def _buffered(packed: Any, name: str, limit: int) -> BinaryIO:
    return io.BufferedReader(_Unpacked(packed, name, limit), _BUFFER)


def _open_file(path: Path) -> BinaryIO:
    return path.open("rb")


def _open_gzip(path: Path, limit: int) -> BinaryIO:
    return _buffered(gzip.open(path), str(path), limit)


def _open_zip(path: Path) -> Source | Tree:
    """Return the only file of a zip archive, or all of them."""
    try:
        archive = zipfile.ZipFile(path)  # stays open for its members
    except _BROKEN as error:
        raise _damaged(str(path), error) from error
    members = [each for each in archive.infolist() if not each.is_dir()]
    if any(each.filename == "[Content_Types].xml" for each in members):
        raise DataError(f"{path} is an Office file; save the table as CSV UTF-8 and pass that")
    if sum(each.file_size for each in members) > _limit(path.stat().st_size):
        raise _bomb(str(path))
    files: dict[PurePosixPath, Callable[[], BinaryIO]] = {}
    for each in members:
        name = PurePosixPath(each.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise DataError(
                f"{path} has a file whose path leads out of the archive; expected relative paths "
                "without '..'; pack the files again"
            )
        if _counts(name):
            files[name] = partial(_open_member, archive, path, each)
    if not files:
        raise DataError(f"{path} has no files; expected {FORMATS}")
    if len(files) == 1:
        ((name, opener),) = files.items()
        return Source(f"{path}/{name}", name.suffix.lower(), opener)
    return Tree(str(path), files)


def _open_member(archive: zipfile.ZipFile, path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    name = f"{path}/{member.filename}"
    try:
        packed = archive.open(member)
    except _BROKEN as error:
        raise _damaged(name, error) from error
    return _buffered(packed, name, _limit(path.stat().st_size))


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name} cannot be unpacked ({reason_of(error)}); pack the file again")


def _bomb(name: str) -> DataError:
    return DataError(
        f"{name} expands to more than {_MAX_RATIO} times its size; expected an archive of texts or "
        "images; unpack it yourself and pass the file or folder"
    )
