"""Training channels: CSV files with a raw text, its subject, and its label by name and number.

A channel file has the columns data, data_subject, label_names and label, in UTF-8, without an
index column.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from newsgroup_classifier.errors import DataError

COLUMNS = ("data", "data_subject", "label_names", "label")
TRAIN_FILE, TEST_FILE = "train.csv", "test.csv"


@dataclass(frozen=True)
class Dataset:
    """A data set in two frames of the channel columns, and a phrase that says where it is from."""

    train: pd.DataFrame
    test: pd.DataFrame
    source: str


@dataclass(frozen=True)
class Channel:
    """The examples of one channel: n texts, their n labels, and the names of all labels."""

    texts: list[str]
    labels: list[int]
    label_names: tuple[str, ...]


def write_channel(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of the channel columns; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    frame.to_csv(part, columns=list(COLUMNS), index=False, encoding="utf-8", lineterminator="\n")
    part.replace(path)


def read_channel(path: Path) -> Channel:
    """Read a channel file; raise DataError saying what is wrong with it and in which row."""
    frame = _read_csv(path)
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing:
        raise DataError(
            f"{path.name} has no column {', '.join(missing)}; it has {', '.join(frame.columns)}. "
            f"Expected: {', '.join(COLUMNS)}."
        )
    if frame.empty:
        raise DataError(f"{path.name} has a header but no row. Upload a channel with examples.")
    broken = frame.index[frame[list(COLUMNS)].isna().any(axis=1)]
    if len(broken):
        raise DataError(
            f"{path.name}: row {broken[0] + 1} has fewer than {len(COLUMNS)} fields "
            f"({', '.join(COLUMNS)})."
        )
    return Channel(frame["data"].tolist(), _labels(frame, path), _label_names(frame, path))


def _read_csv(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"{path.name} is missing in the channel folder {path.parent}.")
    try:
        with warnings.catch_warnings():
            # pandas only warns when every row has more fields than the header.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding="utf-8", index_col=False
            )
    except pd.errors.EmptyDataError:
        raise DataError(
            f"{path.name} is empty. Expected the columns {', '.join(COLUMNS)}."
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text: {error}.") from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
        detail = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise DataError(f"{path.name} is not a CSV file of the channel form: {detail}") from error


def _labels(frame: pd.DataFrame, path: Path) -> list[int]:
    bad = frame.index[~frame["label"].str.fullmatch(r"[0-9]{1,6}")]
    if len(bad):
        raise DataError(
            f"{path.name}: the label of row {bad[0] + 1} is {frame['label'][bad[0]]!r}; "
            "expected a number from 0 up."
        )
    return [int(label) for label in frame["label"]]


def _label_names(frame: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """Return the names by label number; raise DataError unless they fit each other one to one."""
    pairs = frame[["label", "label_names"]].drop_duplicates()
    names = {int(label): name for label, name in pairs.itertuples(index=False)}
    if len(names) != len(pairs) or len(set(names.values())) != len(names):
        raise DataError(f"{path.name}: labels and label names do not fit each other one to one.")
    return tuple(names.get(number, "") for number in range(max(names) + 1))


def check_channels(train: Channel, test: Channel) -> None:
    """Raise DataError unless a classifier can be trained on the one and tested on the other."""
    present = [name for name in train.label_names if name]
    if len(present) < 2:
        raise DataError(
            f"the train channel has only one class ({present[0]}); a classifier needs two or more."
        )
    if len(present) != len(train.label_names):
        gaps = [number for number, name in enumerate(train.label_names) if not name]
        raise DataError(
            f"the train channel has no example of the labels {_shown(gaps)}; labels must be "
            "numbered from 0 without a gap."
        )
    for number, name in enumerate(test.label_names):
        if name and (number >= len(train.label_names) or train.label_names[number] != name):
            raise DataError(
                f"the test channel names label {number} {name!r}; the train channel does not."
            )


def _shown(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return shown + (", ..." if len(numbers) > 5 else "")
