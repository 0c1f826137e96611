"""Load the model once per process: from S3 through a verified copy on disk, or from the package.

Failures are not cached: the next call tries again.
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


class ModelStore:
    """The model that the environment names, loaded at its first use."""

    def __init__(self, environ: Mapping[str, str], limits: "Limits | None" = None) -> None:
        self._environ = environ
        self._limits = limits
        self._model: Model | None = None
        self.seconds = 0.0  # duration of the last load
        self.source = ""  # "s3", "copy" (on disk) or "package"

    @property
    def loaded(self) -> Model | None:
        """The model, if it is loaded."""
        return self._model

    @property
    def sha256(self) -> str:
        """The sha256 that the model must have; raise ModelError if it is not set."""
        expected = self._environ.get("MODEL_SHA256", "")
        if len(expected) != 64 or not _DIGITS.issuperset(expected):
            raise ModelError(f"MODEL_SHA256 is {expected!r}; expected 64 hexadecimal digits")
        return expected

    def model(self) -> Model:
        """Return the model, and load it first if necessary; raise ModelError with the reason."""
        if self._model is None:
            started = time.perf_counter()
            self._model = load_model(self._file())
            self.seconds = time.perf_counter() - started
        return self._model

    def _file(self) -> Path:
        """Return a file with the right sha256."""
        uri = self._environ.get("MODEL_URI", "")
        if not uri:
            raise ModelError(
                "MODEL_URI is not set; expected s3://BUCKET/KEY or a path in the package"
            )
        if uri.startswith("s3://"):
            return self._copy_of(uri)
        path = _PACKAGE / uri
        self._verify(uri, _sha256(path))
        self.source = "package"
        return path

    def _copy_of(self, uri: str) -> Path:
        """Return the verified copy of an object, and fetch it first unless it exists."""
        path = _private_folder(self._environ) / f"{self.sha256}.npz"
        if path.is_symlink() or (path.exists() and _sha256(path) != self.sha256):
            path.unlink()
        if path.exists():
            self.source = "copy"
            return path
        from lambda_handler.s3 import Limits, read_object  # slow, so imported only if needed

        pieces = read_object(uri, self._environ, self._limits or Limits())
        self._write(pieces, path, uri)
        self.source = "s3"
        return path

    def _write(self, pieces: Iterator[bytes], path: Path, uri: str) -> None:
        """Write a file under a temporary name, and rename it once its sha256 is verified."""
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.unlink(missing_ok=True)
        digest = hashlib.sha256()
        try:
            with part.open("xb") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
            self._verify(uri, digest.hexdigest())
            part.replace(path)
        except OSError as error:
            raise ModelError(f"the model could not be written to {part}: {error}") from error
        finally:
            part.unlink(missing_ok=True)

    def _verify(self, uri: str, digest: str) -> None:
        if digest != self.sha256:
            raise ModelError(
                f"{uri} is not the model that was deployed: its sha256 is {digest}, expected "
                f"{self.sha256}; deploy it again"
            )


def _private_folder(environ: Mapping[str, str]) -> Path:
    """Return a temporary folder that only this user can write to.

    Under Lambda the temporary folder belongs to the execution environment. On other machines,
    another user may have created a link or a folder under our name.
    """
    folder = Path(environ.get("TMPDIR") or "/tmp") / f"lambda-model-{os.getuid()}"  # noqa: S108
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise ModelError(f"the model's folder {folder} could not be created: {error}") from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise ModelError(f"{folder} is not a private folder of this user; remove it")
    return folder


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
