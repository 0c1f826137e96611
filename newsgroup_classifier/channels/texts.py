"""Text channels: CSV files with one raw text per row, its subject, and its label.

A channel file is UTF-8 with the columns data, data_subject, label_names, and label (a number), and
without an index column.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.channels.batches import COLUMNS, Batch, LabelNames, read_batches
from newsgroup_classifier.channels.images import ImageChannel
from newsgroup_classifier.errors import DataError

TRAIN_FILE, TEST_FILE = "train.csv", "test.csv"
Row = tuple[str, str, str, int]  # the values of COLUMNS
_SHOWN = 3  # names of unread files in an error message


@dataclass(frozen=True)
class Dataset:
    """The train and test rows of a data set, as frames of the channel columns, and its source."""

    train: pd.DataFrame
    test: pd.DataFrame
    source: str


@dataclass(frozen=True)
class Channel:
    """The examples of one channel: n texts, labels, and subjects, and the names of all labels.

    The name is empty for a number that no example has as its label.
    """

    texts: list[str]
    labels: list[int]
    label_names: tuple[str, ...]
    subjects: list[str] = field(default_factory=list)


def frame_of(rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows as a frame of the channel columns."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def dataset_of(train: Sequence[Row], test: Sequence[Row], source: str) -> Dataset:
    """Return the rows of both channels as a data set."""
    return Dataset(frame_of(train), frame_of(test), source)


@contextmanager
def channel_writer(path: Path) -> Iterator[Any]:
    """Give a CSV writer for rows of COLUMNS after the header; the file is complete or absent."""
    with atomic_write(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        # With fewer quotes, a lone carriage return would not be quoted.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(COLUMNS)
        yield writer


def write_channel(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of the channel columns; the file is complete or absent."""
    with channel_writer(path) as writer:
        writer.writerows(frame[list(COLUMNS)].itertuples(index=False))


def channel_file(folder: Path, name: str) -> Path:
    """Return the path of a channel file; raise DataError if the folder has other CSV files.

    The file of the other channel is allowed, because one folder can hold both.
    """
    path = folder / name
    known = {TRAIN_FILE, TEST_FILE, name}
    others = sorted(
        one.name for one in folder.glob("*.csv") if one.name not in known and one.name[0] != "."
    )
    if others and path.is_file():
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        raise DataError(
            f"the channel folder {folder} has CSV files in addition to {name} that would not be "
            f"read: {', '.join(others[:_SHOWN])}{more}. Put all rows into {name}, or train with "
            "--input-mode Pipe, which reads all files, if the recipe supports reading=stream."
        )
    return path


def read_channel(path: Path) -> Channel:
    """Read a whole channel file; raise DataError naming the row that is wrong."""
    whole, names = Batch(), LabelNames()
    for batch in read_batches(path):
        names.add(batch, path.name)
        whole.extend(batch)
    return Channel(whole.texts, whole.labels, names.by_number, whole.subjects)


def check_channels(train: Channel | ImageChannel, test: Channel | ImageChannel) -> None:
    """Raise DataError unless a classifier can be trained and tested on these channels."""
    present = sorted(set(train.labels))
    if len(present) < 2:
        raise DataError(
            f"the train channel has only one class (label {present[0]}); a classifier needs two or "
            "more classes."
        )
    if len(present) != len(train.label_names):
        gaps = sorted(set(range(len(train.label_names))) - set(train.labels))
        raise DataError(
            f"the train channel has no examples of the labels {', '.join(map(str, gaps[:5]))}"
            f"{', ...' if len(gaps) > 5 else ''}; number the labels from 0 without gaps."
        )
    for number, name in enumerate(test.label_names):
        if name and (number >= len(train.label_names) or train.label_names[number] != name):
            raise DataError(
                f"the test channel has a label name for label {number} that the train channel does "
                "not have; expected the same names for the same numbers."
            )
