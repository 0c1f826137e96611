"""The folder of --data-dir, which keeps the state of a local AWS from one run to the next.

The state is one file: the SHA-256 of all that follows, a line with the versions that wrote it, and
pickles. A pickle can run code, so it is read only if no other user can have written it.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from io import BufferedReader
from pathlib import Path
from typing import IO, TypeVar

State = TypeVar("State")
_FORMAT = 3  # of what the services store
_STATE, _NEW, _LOCK = "local-aws.state", "local-aws.state-new", "local-aws.lock"
_DIGEST_BYTES = 32
_OTHERS_WRITE = 0o022


class DataFolderRefused(Exception):
    """A folder cannot be used; the text says why, and what to do."""


class DataFolder:
    """A folder that this local AWS alone uses while the object exists."""

    def __init__(self, path: Path) -> None:
        self._path, self._state = path, path / _STATE
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_owner(path, path.stat())
            self._lock: IO[bytes] = (path / _LOCK).open("ab")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataFolderRefused(
                f"another local AWS uses the data folder {path}. Stop it, or choose another "
                "--data-dir."
            ) from error
        except FileExistsError as error:
            raise DataFolderRefused(
                f"{path} is a file; expected a folder. Choose another --data-dir."
            ) from error
        except OSError as error:
            raise DataFolderRefused(
                f"cannot use the data folder {path}: {error.strerror}. Choose another --data-dir."
            ) from error

    def read(self, load: Callable[[IO[bytes]], State]) -> State | None:
        """Return what `load` reads of the stored pickles, or None in a new folder.

        Raise DataFolderRefused if they are not this user's, damaged, or of other versions.
        """
        try:
            if not self._state.exists():
                return None
            with self._state.open("rb") as file:
                _check_owner(self._state, os.fstat(file.fileno()))
                self._check(file)
                return load(file)
        except DataFolderRefused:
            raise
        except Exception as error:
            raise DataFolderRefused(
                f"{self._state} cannot be read ({error!r}). Restore it from a copy, or remove it "
                "to start with an empty local AWS."
            ) from error

    def _check(self, file: BufferedReader) -> None:
        """Read up to the first pickle."""
        digest = file.read(_DIGEST_BYTES)
        if hashlib.file_digest(file, "sha256").digest() != digest:
            raise DataFolderRefused(
                f"{self._state} is damaged: its checksum does not match. Restore it from a copy, "
                "or remove it to start with an empty local AWS."
            )
        file.seek(_DIGEST_BYTES)
        writer, own = file.readline().decode().rstrip(), _versions()
        if writer != own:
            raise DataFolderRefused(
                f"{self._state} was written with {writer}, and this is {own}. Start the local AWS "
                "with those versions, or remove the file to start with an empty one."
            )

    def write(self, dump: Callable[[IO[bytes]], object]) -> None:
        """Replace the stored pickles with those that `dump` writes, at once, or not at all."""
        new = self._path / _NEW
        try:
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w+b") as file:
                file.write(bytes(_DIGEST_BYTES) + f"{_versions()}\n".encode())
                dump(file)
                file.seek(_DIGEST_BYTES)
                digest = hashlib.file_digest(file, "sha256").digest()
                file.seek(0)
                file.write(digest)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._state)
        except OSError as error:
            before = self._state.exists()
            raise DataFolderRefused(
                f"the state could not be stored in {self._path}: {error.strerror or error}. "
                f"{'The state of the previous run is still there.' if before else 'It is lost.'}"
            ) from error
        finally:
            with suppress(OSError):
                new.unlink()


def _check_owner(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_WRITE:
        raise DataFolderRefused(
            f"{path} belongs to another user, or other users can write to it, and the state is a "
            "pickle, which can run code. Choose another --data-dir, or, if you trust its content, "
            f"run: chmod go-w {path}"
        )


def _versions() -> str:
    try:
        own = metadata.version("local-aws")
    except metadata.PackageNotFoundError:
        own = "of unknown version"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    moto = metadata.version("moto")
    return f"local-aws {own} (state {_FORMAT}), moto {moto}, and Python {python}"
