"""Write a linear model on hashed n-grams for the Lambda function."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from newsgroup_classifier.export.npz import smallest, write_npz
from newsgroup_classifier.hashed_text.model import HashedLinear


def write_hashed_linear(model: HashedLinear, about: Mapping[str, Any]) -> bytes:
    """Return the bytes of the model file; `about` has the recipe, label_names, and versions."""
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
