"""Spooky Author Identification: sentences by E. A. Poe, H. P. Lovecraft and Mary Shelley.

Published on Kaggle, behind a login, as train.csv with the columns id, text and author. A fifth of
the rows of each author, drawn with a fixed seed, is the test channel. Kaggle's test.csv has no
labels.
"""

import csv
import gzip
import io
import random
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
_TEST_SHARE, _SEED = 0.2, 0
Row = tuple[str, str, str, int]  # the channel columns


def load_spooky(data_dir: Path | None = None) -> Dataset:
    """Return the labelled sentences, about a fifth of them to test with."""
    path = locate_handed_out(TRAIN, data_dir)
    rows = read_rows(path, ("id", "text", "author"))
    found: list[Row] = []
    for number, (_, text, author) in enumerate(rows, start=1):
        if author not in AUTHORS:
            raise DataError(
                f"{path}: row {number} is by {author!r}; expected {', '.join(AUTHORS)}."
            )
        found.append((text, "", author, AUTHORS.index(author)))
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in split_rows(found))
    return Dataset(train, test, "Spooky Author Identification (Kaggle)")


def split_rows(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return four fifths of the rows to train on, in their order, and a fifth to test with.

    The rows of each author are drawn by themselves, so that both parts hold the same shares; the
    same rows are always parted alike.
    """
    rng = random.Random(_SEED)  # noqa: S311 - a split, no secret
    drawn: set[int] = set()
    for label in range(len(AUTHORS)):
        members = [number for number, row in enumerate(rows) if row[3] == label]
        drawn.update(rng.sample(members, round(len(members) * _TEST_SHARE)))
    parts = [
        [row for n, row in enumerate(rows) if (n in drawn) == tested] for tested in (False, True)
    ]
    return parts[0], parts[1]


def load_unlabelled(data_dir: Path | None = None) -> list[str]:
    """Return the sentences that Kaggle gives no author of."""
    return [text for _, text in read_rows(locate_handed_out(UNLABELLED, data_dir), ("id", "text"))]


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
