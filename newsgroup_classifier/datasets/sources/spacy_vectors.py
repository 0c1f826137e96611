"""Compile the word vectors of a spaCy pipeline into the file that training and serving read.

Only this module needs spaCy; `make spacy` installs it.
"""

import importlib.util
from pathlib import Path
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
    if vectors.mode != "default":
        raise DataError(
            f"the spaCy pipeline {name!r} has vectors of mode {vectors.mode!r}; expected one "
            "vector per word (mode 'default'), as in en_core_web_md"
        )
    if not vectors.n_keys or 0 in vectors.shape:
        raise DataError(
            f"the spaCy pipeline {name!r} has no word vectors (its table is {vectors.shape}); "
            "expected a pipeline with word vectors, such as en_core_web_md"
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
    except OSError as error:
        if Path(name).exists():
            reason = " ".join(str(error).split())
            raise DataError(
                f"{name} is not the folder of a spaCy pipeline ({reason}); expected one written "
                "by nlp.to_disk(), or the name of an installed pipeline"
            ) from error
        raise DataError(
            f"there is neither a spaCy pipeline nor a folder named {name!r}. Install the pipeline "
            f"with: python -m spacy download {name}"
        ) from error
    except (ValueError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"spaCy cannot load the pipeline {name!r}: {reason}. Install one for this "
            f"version of spaCy: python -m spacy download {name}"
        ) from error
