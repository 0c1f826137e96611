"""Write .npz files with a manifest; equal arrays give equal bytes."""

import io
import json
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from newsgroup_classifier.errors import NotExportable, sized
from newsgroup_classifier.hashed_text.model import HashedLinear

MANIFEST = "manifest.json"
FORMAT = 2
MAX_BYTES = 100_000_000  # that the function fetches
_WORTH_IT = 0.8


def write_npz(manifest: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes of an .npz file with little-endian arrays and the manifest.

    Raise NotExportable if the function would not fetch that many.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        _write(file, MANIFEST, json.dumps({"format": FORMAT, **manifest}, indent=1).encode())
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            np.lib.format.write_array(
                member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False
            )
            _write(file, f"{name}.npy", member.getvalue())
    content = buffer.getvalue()
    if len(content) > MAX_BYTES:
        raise NotExportable(
            f"its file has {sized(len(content))}; expected at most {sized(MAX_BYTES)}. Use fewer "
            "features, such as with a lower max_mb"
        )
    return content


def _write(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    # With a fixed time, the file's sha256 depends on nothing but the model.
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    # What hardly compresses is stored, since decompressing it takes longer than downloading it.
    compresses = len(zlib.compress(content, 1)) < _WORTH_IT * len(content)
    info.compress_type = zipfile.ZIP_DEFLATED if compresses else zipfile.ZIP_STORED
    file.writestr(info, content)


def smallest(numbers: Any) -> np.ndarray:
    """Return integers of 0 or more in the smallest unsigned data type that fits them all."""
    array = np.asarray(numbers)
    return array.astype(np.min_scalar_type(int(array.max(initial=0))))


def lines(texts: list[str]) -> np.ndarray:
    """Return texts without line ends as bytes, with one text per line."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def write_hashed_linear(model: HashedLinear, about: Mapping[str, Any]) -> bytes:
    """Return the file of a linear model on hashed n-grams.

    `about` has the recipe, label_names, and versions.
    """
    blocks = [
        {
            "block": vocabulary.block.fields(),
            "texts": vocabulary.texts,
            "mean_length": vocabulary.mean_length,
            "rest_idf": vocabulary.rest_idf,
        }
        for vocabulary in model.vocabularies
    ]
    arrays = {"weights": model.weights, "scales": model.scales, "intercepts": model.intercepts}
    for number, vocabulary in enumerate(model.vocabularies):
        arrays[f"keys_{number}"] = vocabulary.keys
        arrays[f"frequencies_{number}"] = smallest(vocabulary.frequencies)
    manifest = dict(about) | {
        "kind": "text-linear",
        "unicode": unicodedata.unidata_version,
        "blocks": blocks,
        "sharpness": model.sharpness._asdict(),
    }
    return write_npz(manifest, arrays)
