"""The folder of --data-dir, which keeps the state of a local AWS from one run to the next.

The state is one file: a line of JSON with the versions that wrote it, a pickle, and the SHA-256 of
both. A pickle can run code, so it is read only if no other user can have written it.
"""

import fcntl
import hashlib
import json
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import IO

_FORMAT = 1  # of what the services store
_STATE, _LOCK = "state", "lock"
_DIGEST_BYTES = 32
_OTHERS_WRITE = 0o022


class DataFolderRefused(Exception):
    """A folder cannot be used; the text says why, and what to do."""


class DataFolder:
    """A folder that this local AWS alone uses while the object exists."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_owner(path)
            self._check_content()
            self._lock: IO[bytes] = (path / _LOCK).open("ab")
        except OSError as error:
            raise DataFolderRefused(
                f"cannot use the data folder {path}: {error.strerror}. Choose another --data-dir."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataFolderRefused(
                f"another local AWS uses the data folder {path}. Stop it, or choose another "
                "--data-dir."
            ) from error

    def read(self) -> bytes | None:
        """Return the stored pickle, or None in a new folder; raise DataFolderRefused if damaged."""
        file = self._path / _STATE
        if not file.exists():
            return None
        content = file.read_bytes()
        body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != digest:
            raise DataFolderRefused(
                f"{file} is damaged: its checksum does not match. Restore it from a copy, or "
                "remove it to start with an empty local AWS."
            )
        line, _, state = body.partition(b"\n")
        found, own = json.loads(line), _versions()
        if found != own:
            raise DataFolderRefused(
                f"{file} was written with {_text(found)}, and this is {_text(own)}. Start the "
                "local AWS with those versions, or remove the file to start with an empty one."
            )
        return state

    def write(self, state: bytes) -> None:
        """Replace the stored pickle, at once."""
        body = json.dumps(_versions()).encode() + b"\n" + state
        new = self._path / f"{_STATE}-new"
        try:
            with new.open("wb") as file:
                file.write(body + hashlib.sha256(body).digest())
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path / _STATE)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise DataFolderRefused(
                f"the state could not be stored in {self._path}: {error.strerror}. The state of "
                "the previous run is still there."
            ) from error

    def _check_content(self) -> None:
        names = {path.name for path in self._path.iterdir()}
        strange = sorted(name for name in names - {_LOCK} if not name.startswith(_STATE))
        if strange:
            raise DataFolderRefused(
                f"the folder {self._path} has files that are not of a local AWS, such as "
                f"{strange[0]}. Choose an empty or a new folder for --data-dir."
            )


def _check_owner(path: Path) -> None:
    status = path.stat()
    if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_WRITE:
        raise DataFolderRefused(
            f"other users can write to the data folder {path}, and its state is a pickle, which "
            f"can run code. Use a folder that belongs to you, and run: chmod go-w {path}"
        )


def _versions() -> dict[str, str]:
    try:
        own = metadata.version("local-aws")
    except metadata.PackageNotFoundError:
        own = "unknown"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {
        "local-aws": own,
        "format": str(_FORMAT),
        "moto": metadata.version("moto"),
        "Python": python,
    }


def _text(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
