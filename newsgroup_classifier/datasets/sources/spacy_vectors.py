"""The word vectors of a spaCy pipeline, compiled to the file that training and serving read.

spaCy is needed here alone; `make spacy` installs it.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.word_vectors import VectorTable


def load_vectors(name: str) -> VectorTable:
    """Return the vectors of a pipeline by its name or folder; raise DataError saying what to do."""
    if importlib.util.find_spec("spacy") is None:
        raise DataError(
            f"spaCy is not installed, and it reads the vectors of {name!r}. Install it with: "
            "make spacy"
        )
    vocabulary = _load(name).vocab
    vectors = vocabulary.vectors
    if vectors.mode != "default":
        raise DataError(
            f"the spaCy pipeline {name!r} has vectors of the mode {vectors.mode!r}; expected a "
            "vector for each word (mode 'default'), as en_core_web_md has them"
        )
    if not vectors.n_keys or 0 in vectors.shape:
        raise DataError(
            f"the spaCy pipeline {name!r} has no word vectors (its table is {vectors.shape}); "
            "expected one that has them, such as en_core_web_md"
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
                f"{name} is no folder of a spaCy pipeline ({reason}); expected one that "
                "nlp.to_disk() wrote, or the name of an installed pipeline"
            ) from error
        raise DataError(
            f"spaCy has no pipeline {name!r} (no package and no folder of that name). Install it "
            f"with: python -m spacy download {name}"
        ) from error
    except (ValueError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"spaCy cannot load the pipeline {name!r}: {reason}. Install one made for this "
            f"version: python -m spacy download {name}"
        ) from error
