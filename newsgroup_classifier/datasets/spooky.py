"""Spooky Author Identification: sentences by E. A. Poe, H. P. Lovecraft and Mary Shelley.

Published on Kaggle, behind a login, as train.csv with the columns id, text and author. About a
fifth of the rows, chosen by a hash of the id, is the test channel. Kaggle's test.csv has no labels.
"""

import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import pandas as pd

from newsgroup_classifier.datasets.channels import COLUMNS, Dataset
from newsgroup_classifier.datasets.sources import HandedOut, locate_handed_out
from newsgroup_classifier.errors import DataError

AUTHORS = ("EAP", "HPL", "MWS")
_PAGE = "https://www.kaggle.com/c/spooky-author-identification/data"
_FOLDER = "spooky-author-identification"
TRAIN = HandedOut(_FOLDER, ("train.csv.gz", "train.csv", "train.zip"), _PAGE)
UNLABELLED = HandedOut(
    _FOLDER, ("test-unlabelled.csv.gz", "test.csv.gz", "test.csv", "test.zip"), _PAGE
)
_ONE_IN = 5


def load_spooky(data_dir: Path | None = None) -> Dataset:
    """Return the labelled sentences, about a fifth of them to test with."""
    rows = read_rows(locate_handed_out(TRAIN, data_dir), ("id", "text", "author"))
    parts: tuple[list[tuple[str, str, str, int]], ...] = ([], [])
    for number, (name, text, author) in enumerate(rows, start=1):
        if author not in AUTHORS:
            raise DataError(
                f"train.csv: row {number} is by {author!r}; expected {', '.join(AUTHORS)}."
            )
        parts[is_test_row(name)].append((text, "", author, AUTHORS.index(author)))
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in parts)
    return Dataset(train, test, "Spooky Author Identification (Kaggle)")


def load_unlabelled(data_dir: Path | None = None) -> list[str]:
    """Return the sentences that Kaggle gives no author of."""
    return [text for _, text in read_rows(locate_handed_out(UNLABELLED, data_dir), ("id", "text"))]


def is_test_row(name: str) -> bool:
    """Tell whether the row with this id is of the test channel, whatever else the file holds."""
    digest = hashlib.sha256(f"spooky {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _ONE_IN == 0


def read_rows(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    """Return the rows of a CSV file, gzipped or zipped or neither; raise DataError if broken."""
    try:
        reader = csv.reader(
            io.StringIO(_unpacked(path).decode("utf-8-sig"), newline=""), strict=True
        )
        header, *rows = reader
    except (
        csv.Error,
        OSError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
    ) as error:
        raise DataError(
            f"{path} is not the CSV file that Kaggle gives ({error}). Fetch it again from {_PAGE}."
        ) from error
    if tuple(header) != columns or any(len(row) != len(columns) for row in rows) or not rows:
        raise DataError(
            f"{path} has the columns {', '.join(header)}, or rows of another length; expected "
            f"{', '.join(columns)}. Fetch it again from {_PAGE}."
        )
    return rows


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(f"{path.stem}.csv")
    return content
