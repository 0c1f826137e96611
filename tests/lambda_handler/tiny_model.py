"""A model of a few words, for tests that need one that answers."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy

LABELS = ("EAP", "HPL", "MWS")


def tiny_model() -> bytes:
    weights = io.BytesIO()
    numpy.save(weights, numpy.eye(3))
    manifest = {"format": 1, "kind": "tiny", "recipe": "spooky-tiny", "label_names": LABELS}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("weights.npy", weights.getvalue())
    return buffer.getvalue()


@dataclass(frozen=True)
class ModelFile:
    """A model on disk and its sha256."""

    path: Path
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()
