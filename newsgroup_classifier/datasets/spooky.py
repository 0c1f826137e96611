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
from collections import Counter
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
_LEAST = 3  # sentences of an author, of which one is to test with
_SHOWN = 80  # characters of a header that is none
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
    counts = Counter(row[2] for row in found)
    if any(counts[author] < _LEAST for author in AUTHORS):
        held = ", ".join(f"{counts[author]} by {author}" for author in AUTHORS)
        raise DataError(
            f"{path} has too few sentences to train and to test with ({held}); expected "
            f"{_LEAST} or more of each author."
        )
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
        reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        header, *rows = list(reader) or [[]]
    except csv.Error as error:
        raise _broken(path, f"its quotes do not close: {error}") from error
    expected = f"expected {', '.join(columns)}"
    if not header:
        raise _broken(path, f"it is empty; {expected}")
    if tuple(header) != columns:
        raise _broken(path, f"its first row is {', '.join(header)[:_SHOWN]!r}; {expected}")
    if not rows:
        raise _broken(path, "it has a header and no rows")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise _broken(path, f"row {number} has {len(row)} fields; {expected}")
    return rows


def _broken(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} is not the CSV file that Kaggle gives: {reason}. Fetch it again from {_PAGE}."
    )


def _text(path: Path) -> str:
    """Return what a file has as text; raise DataError if it is no whole archive or no text."""
    content = path.read_bytes()
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(f"{path.stem}.csv")
    except KeyError as error:
        raise _broken(path, f"it holds no {path.stem}.csv") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise _broken(path, f"it is no whole {path.suffix[1:]} archive") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise _broken(path, f"byte {error.start} is 0x{byte:02x}, which is not UTF-8") from error
