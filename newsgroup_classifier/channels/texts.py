"""Training channels: CSV files with a raw text, its subject, and its label by name and number.

A channel file has the columns data, data_subject, label_names and label, in UTF-8, without an
index column.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

from newsgroup_classifier.channels.batches import (
    COLUMNS,
    Batch,
    LabelNames,
    read_batches,
    shortened,
)
from newsgroup_classifier.errors import DataError

__all__ = [
    "COLUMNS",
    "TEST_FILE",
    "TRAIN_FILE",
    "Channel",
    "Dataset",
    "Labelled",
    "channel_file",
    "check_channels",
    "read_channel",
    "write_channel",
]

TRAIN_FILE, TEST_FILE = "train.csv", "test.csv"
_SHOWN = 3  # names of files beside the one that is read


@dataclass(frozen=True)
class Dataset:
    """A data set in two frames of the channel columns, and a phrase that says where it is from."""

    train: pd.DataFrame
    test: pd.DataFrame
    source: str


@dataclass(frozen=True)
class Channel:
    """The examples of one channel: n texts, labels and subjects, and the names of all labels."""

    texts: list[str]
    labels: list[int]
    label_names: tuple[str, ...]
    subjects: list[str] = field(default_factory=list)


class Labelled(Protocol):
    """The labels of a channel of texts or images, and the names of all labels."""

    @property
    def labels(self) -> list[int]:
        """The number of each example's label."""
        ...

    @property
    def label_names(self) -> tuple[str, ...]:
        """The name of each label; an empty one stands for a number that no example has."""
        ...


def write_channel(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of the channel columns; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    # Every text is quoted: the default leaves a lone carriage return bare, which ends a row.
    frame.to_csv(
        part,
        columns=list(COLUMNS),
        index=False,
        encoding="utf-8",
        lineterminator="\n",
        quoting=csv.QUOTE_NONNUMERIC,
    )
    part.replace(path)


def channel_file(folder: Path, name: str) -> Path:
    """Return where a channel's file is; raise DataError if others are beside it, unread.

    The file of the other channel may be, since one folder can hold both.
    """
    path = folder / name
    known = {TRAIN_FILE, TEST_FILE, name}
    others = sorted(
        one.name for one in folder.glob("*.csv") if one.name not in known and one.name[0] != "."
    )
    if others and path.is_file():
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        raise DataError(
            f"the channel folder {folder} has CSV files beside {name} that would not be read: "
            f"{', '.join(others[:_SHOWN])}{more}. Put all rows into {name}, or train with "
            "--input-mode Pipe, which reads all files, if the recipe can be trained with "
            "reading=stream."
        )
    return path


def read_channel(path: Path) -> Channel:
    """Read a channel file whole; raise DataError saying what is wrong and in which row."""
    whole, names = Batch(), LabelNames()
    for batch in read_batches(path):
        names.add(batch, path.name)
        whole.extend(batch)
    return Channel(whole.texts, whole.labels, names.by_number, whole.subjects)


def check_channels(train: Labelled, test: Labelled) -> None:
    """Raise DataError unless a classifier can be trained on the one and tested on the other."""
    present = [train.label_names[number] for number in sorted(set(train.labels))]
    if len(present) < 2:
        raise DataError(
            f"the train channel has only one class ({shortened(present[0])}); a classifier needs "
            "two or more."
        )
    if len(present) != len(train.label_names):
        gaps = sorted(set(range(len(train.label_names))) - set(train.labels))
        raise DataError(
            f"the train channel has no example of the labels {_shown(gaps)}; labels must be "
            "numbered from 0 without a gap."
        )
    for number, name in enumerate(test.label_names):
        if name and (number >= len(train.label_names) or train.label_names[number] != name):
            raise DataError(
                f"the test channel names label {number} {shortened(name)!r}; the train channel "
                "does not."
            )


def _shown(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return shown + (", ..." if len(numbers) > 5 else "")
