"""Pre-trained word vectors in one file, and texts as the means of their words' vectors.

The file is an .npz of plain arrays (no pickle): the words in UTF-8 separated by NULs, the row of
each word in the table, and the table (float32). `datasets.sources.spacy_vectors` compiles it from a
spaCy pipeline, so that neither training nor serving needs spaCy.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from newsgroup_classifier.errors import DataError

VECTORS_FILE = "vectors.npz"
# How spaCy's English tokenizer splits words that have no punctuation except apostrophes.
_CONTRACTION = re.compile(r"(.+?)(n't|'(?:s|m|d|re|ve|ll))", re.IGNORECASE)


@dataclass(frozen=True)
class VectorTable:
    """Words, the row of each word in the table, and the table of vectors (rows, dimensions)."""

    words: tuple[str, ...]
    rows: NDArray[np.int32]
    vectors: NDArray[np.float32]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each word."""
        return dict(zip(self.words, self.rows.tolist(), strict=True))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arrays without the cached dictionary."""
        return VectorTable, (self.words, self.rows, self.vectors)

    def mean(self, text: str) -> NDArray[np.float32]:
        """Return the mean vector of a text's words; unknown words count as zero vectors."""
        words = split_contractions(text)
        rows = [self.row_of[word] for word in words if word in self.row_of]
        total = self.vectors[rows].sum(axis=0, dtype=np.float32)
        return total / np.float32(max(1, len(words)))


def split_contractions(text: str) -> list[str]:
    """Return the words of a cleaned text, with contractions split ("do" and "n't")."""
    words: list[str] = []
    for word in text.split():
        parts = _CONTRACTION.fullmatch(word) if "'" in word else None
        words.extend(parts.groups() if parts else (word,))
    return words


def write_vectors(table: VectorTable) -> bytes:
    """Return the bytes of a vectors file; equal tables give equal bytes."""
    buffer = io.BytesIO()
    words = np.frombuffer("\0".join(table.words).encode(), np.uint8)
    np.savez_compressed(buffer, words=words, rows=table.rows, vectors=table.vectors)
    return buffer.getvalue()


def read_vectors(path: Path) -> VectorTable:
    """Read a vectors file; raise DataError if it is missing or invalid."""
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        raise DataError(
            f"{path.name} is missing in the vectors channel {path.parent}. Upload it with "
            "scripts.upload_data --vectors NAME."
        ) from None
    return _read(path, stamp)


@lru_cache(maxsize=1)  # all clones in a search read the same file
def _read(path: Path, _: int) -> VectorTable:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            words, rows, vectors = (arrays[name] for name in ("words", "rows", "vectors"))
        table = VectorTable(tuple(words.tobytes().decode().split("\0")), rows, vectors)
        _check(table)
    except (OSError, EOFError, ValueError, KeyError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} is not a file of word vectors ({error}). Upload a new one with "
            "scripts.upload_data --vectors NAME."
        ) from error
    return table


def _check(table: VectorTable) -> None:
    """Raise ValueError unless the arrays have matching types and shapes."""
    vectors, rows = table.vectors, table.rows
    if vectors.dtype != np.float32 or vectors.ndim != 2 or 0 in vectors.shape:
        raise ValueError(
            f"its vectors are {vectors.dtype} {vectors.shape}; expected float32 (n, d)"
        )
    if rows.dtype != np.int32 or rows.shape != (len(table.words),):
        raise ValueError(f"it has {len(table.words)} words and rows {rows.dtype} {rows.shape}")
    if rows.min() < 0 or rows.max() >= len(vectors) or not np.isfinite(vectors).all():
        raise ValueError("a word has no row, or a vector has a value that is not finite")


class WordVectors(TransformerMixin, BaseEstimator):
    """Transform texts to the means of their words' pre-trained vectors, float32 (n, dimensions).

    `path` is the path of a vectors file. Nothing is learned from texts, so `transform` works
    without `fit`.
    """

    def __init__(self, path: str | None = None) -> None:
        self.path = path

    def fit(self, X: Any, y: Any = None) -> Self:
        """Store the table, so that the pickled transformer does not need the file."""
        self.table_ = self._read()
        return self

    def transform(self, X: Iterable[str]) -> NDArray[np.float32]:
        """Return the mean vector of each text's words."""
        table = self.table_ if hasattr(self, "table_") else self._read()
        rows = [table.mean(text) for text in X]
        return np.stack(rows) if rows else np.empty((0, table.vectors.shape[1]), np.float32)

    def _read(self) -> VectorTable:
        if self.path is None:
            raise DataError(
                "WordVectors has no path; training sets it to the file in the vectors channel"
            )
        return read_vectors(Path(self.path))

    def __sklearn_tags__(self) -> Any:
        """Declare that the inputs are texts and that no fit is needed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags
