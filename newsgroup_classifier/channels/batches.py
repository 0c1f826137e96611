"""Read the rows of a text channel in batches, from a file or a pipe, in bounded memory."""

import csv
import io
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from newsgroup_classifier.errors import DataError, counted, name_list

COLUMNS = ("data", "data_subject", "label_names", "label")
_LABEL = re.compile(r"[0-9]{1,6}")
_LONGEST_FIELD = 2**24  # characters; csv's own limit of 131,072 is shorter than some posts
_BATCH_ROWS = 4000
_BATCH_CHARACTERS = 2**23  # a batch ends with the row that reaches this, even if it has few rows
_BUFFER = 2**18  # bytes
PIPE_SECONDS = 300.0  # how long to wait for a pipe to exist and for a process to write to it


@dataclass(frozen=True)
class Batch:
    """The texts and subjects of some rows, and their labels as numbers and names."""

    texts: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)

    def extend(self, other: "Batch") -> None:
        """Append the rows of another batch."""
        self.texts.extend(other.texts)
        self.subjects.extend(other.subjects)
        self.names.extend(other.names)
        self.labels.extend(other.labels)


class LabelNames:
    """The label names collected from rows; each number has exactly one name."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}

    def add(self, batch: Batch, file: str) -> None:
        """Collect the names of a batch; raise DataError if they contradict earlier rows."""
        for number, name in set(zip(batch.labels, batch.names, strict=True)):
            known = self._names.setdefault(number, name), self._numbers.setdefault(name, number)
            if known != (name, number):
                raise DataError(f"{file}: labels and label names do not correspond one to one.")

    @property
    def by_number(self) -> tuple[str, ...]:
        """The name of each label; empty for a number that no row has."""
        return tuple(self._names.get(number, "") for number in range(max(self._names) + 1))


def read_batches(path: Path, rows: int = _BATCH_ROWS, joined: bool = False) -> Iterator[Batch]:
    """Yield the batches of a channel file or pipe; raise DataError naming the row that is wrong.

    With `joined`, the source may be several concatenated files with the same header, which is
    skipped wherever it is repeated. A file whose last line has no line end is an error, because
    the next header continues that line.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        raw = io.BufferedReader(io.FileIO(path, opener=_open), _BUFFER)
        with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            source = _Rows(path.name, file, joined)
            while batch := source.take(rows):
                yield batch
    except (FileNotFoundError, IsADirectoryError):
        raise DataError(f"{path.name} is missing in the channel folder {path.parent}.") from None
    if not source.count:
        raise DataError(f"{source.name} has a header but no rows. Upload a channel with examples.")


def _open(path: str, flags: int) -> int:
    """Open a file or a pipe; raise DataError if no process opens the pipe to write to it."""
    if not Path(path).is_fifo():
        return os.open(path, flags)
    late = threading.Event()

    def give_up() -> None:
        late.set()
        with suppress(OSError):  # the waiting reader is gone
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))  # a writer ends the wait

    timer = threading.Timer(PIPE_SECONDS, give_up)
    timer.daemon = True
    timer.start()
    try:
        opened = os.open(path, flags)
    finally:
        timer.cancel()
    if late.is_set():
        os.close(opened)
        raise DataError(f"no process has written to the pipe {path} in {PIPE_SECONDS:g} seconds.")
    return opened


class _Rows:
    """The rows of an open file after its header, without blank lines."""

    def __init__(self, name: str, file: TextIO, joined: bool) -> None:
        # Not with pandas, which silently pads short rows and truncates texts at a NUL.
        self._rows = (row for row in csv.reader(file, strict=True) if row)
        self.name, self.count = name, -1  # the header is row 0
        self._header: list[str] = []  # set if it may be repeated
        self._numbers: dict[str, int] = {}
        header = self._read_header()
        self._width, self._shown = len(header), name_list(header)
        self._columns = itemgetter(*map(header.index, COLUMNS))
        if joined:
            self._header = header

    def _read_header(self) -> list[str]:
        header = next(iter(self._read(1)), None)
        if header is None:
            raise DataError(f"{self.name} is empty. Expected the columns {', '.join(COLUMNS)}.")
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            # Without a header, the first row is a post, which must not be logged.
            actual = f"it has {name_list(header)}"
            if len(missing) == len(COLUMNS):
                actual = "its first line is not a header"
            raise DataError(
                f"{self.name} has no column {', '.join(missing)}; {actual}. "
                f"Expected: {', '.join(COLUMNS)}."
            )
        return header

    def take(self, limit: int) -> Batch | None:
        """Return up to `limit` rows, fewer if they are long; None at the end of the file."""
        first = self.count + 1
        rows = self._read(limit)
        if not rows:
            return None
        for number, row in enumerate(rows, start=first):
            if len(row) != self._width:
                raise DataError(
                    f"{self.name}: row {number} has {counted(len(row), 'field')}; expected "
                    f"{self._width} ({self._shown})."
                )
        texts, subjects, names, labels = map(list, zip(*map(self._columns, rows), strict=True))
        numbers = [self._number(label, row) for row, label in enumerate(labels, start=first)]
        if "" in names:
            raise DataError(f"{self.name}: row {first + names.index('')} has no label name.")
        return Batch(texts, subjects, names, numbers)

    def _read(self, limit: int) -> list[list[str]]:
        """Return the next rows without repeated headers; an empty list at the end of the file."""
        while True:
            taken: list[list[str]] = []
            characters = 0
            try:
                for row in islice(self._rows, limit):
                    taken.append(row)
                    characters += sum(map(len, row))
                    if characters >= _BATCH_CHARACTERS:
                        break
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{self.name} is not UTF-8 text: a byte after row {max(0, self._last(taken))} "
                    f"is 0x{error.object[error.start]:02x} ({error.reason})."
                ) from error
            except csv.Error as error:
                raise DataError(
                    f"{self.name} is not a valid channel CSV file: row {self._last(taken) + 1}: "
                    f"{error}. Put texts with commas, quotes, or line ends in quotes."
                ) from error
            rows = self._without_headers(taken)
            self.count += len(rows)
            if rows or not taken:
                return rows

    def _last(self, taken: list[list[str]]) -> int:
        """Return the number of the last row of those that were just taken; 0 for the header."""
        return self.count + len(self._without_headers(taken))

    def _without_headers(self, rows: list[list[str]]) -> list[list[str]]:
        if not self._header:
            return rows
        last = self._header[-1]
        return [row for row in rows if row[-1] != last or _plain(row) != self._header]

    def _number(self, label: str, row: int) -> int:
        if label not in self._numbers:
            if not _LABEL.fullmatch(label):
                # The label may be a text, if columns were swapped, and the log must not quote it.
                actual = f"has {len(label)} characters" if label else "is empty"
                raise DataError(
                    f"{self.name}: the column label of row {row} {actual} and is not a label; "
                    "expected a whole number of 0 or more."
                )
            self._numbers[label] = int(label)
        return self._numbers[label]


def _plain(row: list[str]) -> list[str]:
    """Return a header without the byte order mark that a joined file may begin with."""
    first = row[0].removeprefix("\ufeff")
    return [first.strip('"') if first != row[0] else first, *row[1:]]
