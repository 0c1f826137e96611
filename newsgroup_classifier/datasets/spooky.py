"""Spooky Author Identification: sentences by E. A. Poe, H. P. Lovecraft and Mary Shelley.

Published on Kaggle, behind a login, as train.csv with the columns id, text and author. A fifth of
the rows of each author, drawn with a fixed seed, is the test channel. Kaggle's test.csv has no
labels.
"""

from collections import Counter
from pathlib import Path

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets.sources.location import HandedOut, locate_handed_out
from newsgroup_classifier.datasets.sources.published_text import csv_rows, read_text
from newsgroup_classifier.datasets.splits import draw_rows
from newsgroup_classifier.errors import DataError

AUTHORS = ("EAP", "HPL", "MWS")
_PAGE = "https://www.kaggle.com/c/spooky-author-identification/data"
_FOLDER = "spooky-author-identification"
TRAIN = HandedOut(
    _FOLDER,
    ("train.csv.gz", "train.csv", "train.zip"),
    f"Log in at {_PAGE}, fetch train.csv or train.zip",
)
UNLABELLED = HandedOut(
    _FOLDER,
    ("test-unlabelled.csv.gz", "test.csv.gz", "test.csv", "test.zip"),
    f"Log in at {_PAGE}, fetch test.csv or test.zip",
)
_LEAST = 3  # sentences of an author, of which one is to test with
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
    """Return four fifths of each author's rows to train on, in their order, and a fifth to test."""
    drawn = draw_rows([row[3] for row in rows])
    train, test = (
        [row for n, row in enumerate(rows) if (n in drawn) == tested] for tested in (False, True)
    )
    return train, test


def load_unlabelled(data_dir: Path | None = None) -> list[str]:
    """Return the sentences that Kaggle gives no author of."""
    return [text for _, text in read_rows(locate_handed_out(UNLABELLED, data_dir), ("id", "text"))]


def read_rows(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    """Return the rows of a CSV file, gzipped or zipped or neither; raise DataError if broken."""

    def broken(reason: str) -> DataError:
        return DataError(
            f"{path} is not the CSV file that Kaggle gives: {reason}. Fetch it again from {_PAGE}."
        )

    return csv_rows(read_text(path, broken), columns, broken)
