"""Load the model once per process, from S3 or from the package, and verify its sha256.

Failures are not cached: the next call tries again.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lambda_handler.errors import ModelError
from lambda_handler.model import Model, load_model

if TYPE_CHECKING:
    from lambda_handler.s3 import Limits

_PACKAGE = Path(__file__).resolve().parents[1]


class ModelStore:
    """The model that the environment names, loaded at its first use."""

    def __init__(self, environ: Mapping[str, str], limits: "Limits | None" = None) -> None:
        self._environ = environ
        self._limits = limits
        self._model: Model | None = None
        self.seconds = 0.0  # duration of the last load
        self.source = ""  # "s3" or "package"

    @property
    def loaded(self) -> Model | None:
        """The model, if it is loaded."""
        return self._model

    @property
    def sha256(self) -> str:
        """The sha256 that the model must have."""
        return self._environ.get("MODEL_SHA256", "")

    def model(self) -> Model:
        """Return the model, and load it first if necessary; raise ModelError with the reason."""
        if self._model is None:
            started = time.perf_counter()
            self._model = load_model(self._content())
            self.seconds = time.perf_counter() - started
        return self._model

    def _content(self) -> bytes:
        """Return the content of the model file, which has the right sha256."""
        uri = self._environ.get("MODEL_URI", "")
        if not uri:
            raise ModelError(
                "MODEL_URI is not set; expected s3://BUCKET/KEY or a path in the package"
            )
        self.source = "s3" if uri.startswith("s3://") else "package"
        content = self._fetch(uri) if self.source == "s3" else _read(_PACKAGE / uri)
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise ModelError(
                f"{uri} is not the model that was deployed: its sha256 is {digest}, expected "
                f"{self.sha256}; deploy it again"
            )
        return content

    def _fetch(self, uri: str) -> bytes:
        from lambda_handler.s3 import Limits, read_object  # slow, so imported only if needed

        return read_object(uri, self._environ, self._limits or Limits())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
