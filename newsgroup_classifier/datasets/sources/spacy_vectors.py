"""Compile the word vectors of a spaCy pipeline into the file that training and serving read.

Only this module needs spaCy; `make spacy` installs it.
"""

import importlib.util
from typing import Any

import numpy as np

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.word_vectors import VectorTable


def load_vectors(name: str) -> VectorTable:
    """Return the vectors of a pipeline by its name or folder; raise DataError if it has none."""
    if importlib.util.find_spec("spacy") is None:
        raise DataError(
            f"spaCy is not installed, but is needed to read the vectors of {name!r}. Install it "
            "with: make spacy"
        )
    vocabulary = _load(name).vocab
    vectors = vocabulary.vectors
    if vectors.mode != "default" or not vectors.n_keys or 0 in vectors.shape:
        raise DataError(
            f"the spaCy pipeline {name!r} has no word vectors (its table is {vectors.shape}, mode "
            f"{vectors.mode}); expected one vector per word, as in en_core_web_md"
        )
    strings = vocabulary.strings
    rows = {strings[key]: row for key, row in vectors.key2row.items() if key in strings}
    known = sorted((word, row) for word, row in rows.items() if word and "\0" not in word)
    table = np.asarray(vectors.data, dtype=np.float32)
    return VectorTable(
        tuple(word for word, _ in known), np.array([row for _, row in known], np.int32), table
    )


def _load(name: str) -> Any:
    import spacy

    try:
        return spacy.load(name)
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"spaCy cannot load {name!r} ({reason}); expected the folder of a pipeline that "
            "nlp.to_disk() wrote, or an installed pipeline of this version of spaCy. Install one "
            "with: python -m spacy download NAME"
        ) from error
