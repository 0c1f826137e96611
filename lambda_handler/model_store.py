"""Have the model: once per process, from S3 by way of a checked copy on disk, or from the package.

A failure is kept for nobody: the next call tries again.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lambda_handler.errors import ModelError
from lambda_handler.model import Model, load_model

if TYPE_CHECKING:
    from lambda_handler.s3 import Limits

_PACKAGE = Path(__file__).resolve().parents[1]
_DIGITS = frozenset("0123456789abcdef")
_CHUNK = 1 << 20


class ModelStore:
    """The model that the environment names, loaded at its first use."""

    def __init__(self, environ: Mapping[str, str], limits: "Limits | None" = None) -> None:
        self._environ = environ
        self._limits = limits
        self._model: Model | None = None
        self.seconds = 0.0  # that the last load took
        self.source = ""  # where it came from: S3, the copy on disk, or the package

    @property
    def loaded(self) -> Model | None:
        """The model, if it is loaded."""
        return self._model

    @property
    def sha256(self) -> str:
        """The sha256 that the model must have; raise ModelError if none is set."""
        expected = self._environ.get("MODEL_SHA256", "")
        if len(expected) != 64 or not _DIGITS.issuperset(expected):
            raise ModelError(f"MODEL_SHA256 is {expected!r}; expected 64 hexadecimal digits")
        return expected

    def model(self) -> Model:
        """Return the model, loading it if it is not there; raise ModelError with the reason."""
        if self._model is None:
            started = time.perf_counter()
            self._model = load_model(self._file())
            self.seconds = time.perf_counter() - started
        return self._model

    def _file(self) -> Path:
        """Return a file that has the right sha256."""
        uri = self._environ.get("MODEL_URI", "")
        if not uri:
            raise ModelError(
                "MODEL_URI is not set; expected s3://BUCKET/KEY or a path in the package"
            )
        if uri.startswith("s3://"):
            return self._copy_of(uri)
        path = _PACKAGE / uri
        found = _sha256(path)
        if found != self.sha256:
            raise ModelError(_difference(uri, found, self.sha256))
        self.source = "package"
        return path

    def _copy_of(self, uri: str) -> Path:
        """Return the checked copy of an object, fetching it unless it is there and whole."""
        path = _own_folder(self._environ) / f"{self.sha256}.npz"
        if path.is_symlink() or (path.exists() and _sha256(path) != self.sha256):
            path.unlink()
        if path.exists():
            self.source = "copy"
            return path
        from lambda_handler.s3 import Limits, read_object  # costs the start where it is needed

        pieces = read_object(uri, self._environ, self._limits or Limits())
        self._write(pieces, path, uri)
        self.source = "s3"
        return path

    def _write(self, pieces: Iterator[bytes], path: Path, uri: str) -> None:
        """Write pieces to a file that appears under its name only when its sha256 is right."""
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.unlink(missing_ok=True)
        digest = hashlib.sha256()
        try:
            with part.open("xb") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != self.sha256:
                raise ModelError(_difference(uri, digest.hexdigest(), self.sha256))
            part.replace(path)
        except OSError as error:
            raise ModelError(f"the model could not be written to {part}: {error}") from error
        finally:
            part.unlink(missing_ok=True)


def _own_folder(environ: Mapping[str, str]) -> Path:
    """Return a folder in the temporary one that nobody else can write to.

    Under Lambda the temporary folder is the execution environment's own. Anywhere else others may
    have put something under our name: a link, or a folder of theirs.
    """
    folder = Path(environ.get("TMPDIR") or "/tmp") / f"lambda-model-{os.getuid()}"  # noqa: S108
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise ModelError(f"the model's folder {folder} could not be made: {error}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise ModelError(f"{folder} is not a folder of this user alone; remove it")
    return folder


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error


def _difference(uri: str, found: str, expected: str) -> str:
    return (
        f"{uri} is not the model that was deployed: its sha256 is {found}, expected {expected}; "
        "deploy it again"
    )
