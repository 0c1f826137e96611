"""A user's table: its columns and its rows of texts, which can be read again and again."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path

from newsgroup_classifier.datasets.files.decoding import (
    check_encoding,
    find_encoding,
    lines_of,
    open_text,
)
from newsgroup_classifier.datasets.files.opening import IMAGE_ENDINGS, Source, Tree, open_path
from newsgroup_classifier.datasets.files.records import open_json_lines, open_parquet
from newsgroup_classifier.datasets.files.usual_names import USUAL_NAMES, shown
from newsgroup_classifier.errors import DataError, DataErrorFactory, counted, name_list

LONGEST = 5_000_000  # characters of a field; an endpoint takes requests of at most 6 MB
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
CLASS_FOLDERS = "folder per class"
NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?\s*%?")
_TABS = (".tsv", ".tab")
_SEP = re.compile(r"sep=([^\"\r\n])[\r\n]*", re.IGNORECASE)  # a first line for Excel
_SAMPLE = 200  # rows that delimiter and header are found with
_LONGEST_NAME = 40  # characters of a column's name
Rows = Iterator[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table: its name for messages, its form, its columns, and how to read some of them.

    `rows` yields the fields of the columns with the given names, for each row of the file.
    `unusable` has the type of each column that holds neither texts nor numbers.
    """

    name: str
    form: str
    columns: tuple[str, ...]
    rows: Callable[[Sequence[str]], Rows]
    encoding: str = ""
    delimiter: str = ""
    unusable: dict[str, str] = field(default_factory=dict)


def open_table(path: Path, encoding: str | None = None, names: Sequence[str] = ()) -> Table:
    """Return the table of a file or folder; raise DataError if it has none.

    `names` are columns that it should have. Without a header, they are called "1", "2", and so on.
    """
    table = _open(path, encoding, names)
    for name, count in Counter((*table.columns, *table.unusable)).items():
        if count > 1:
            raise DataError(
                f"{table.name} has {count} columns with the name {shown(name)}; expected different "
                "names. Rename them."
            )
    return table


def read_table(
    path: Path, columns: tuple[str, ...], invalid: DataErrorFactory
) -> list[tuple[str, ...]]:
    """Return the rows of a published file whose header is exactly these columns.

    Raise DataError if the file is broken, or what `invalid` makes of the reason if it has others.
    """
    table = open_table(path, names=columns)
    if table.columns != columns:
        raise invalid(f"its columns are {name_list(table.columns)}; expected {', '.join(columns)}")
    rows = list(table.rows(columns))
    if not rows:
        raise invalid("it has a header but no rows")
    return rows


def _open(path: Path, encoding: str | None, names: Sequence[str]) -> Table:
    encoding = check_encoding(encoding) if encoding else None
    opened = open_path(path)
    files = list(opened.files) if isinstance(opened, Tree) else [Path(opened.name)]
    if 2 * sum(file.suffix.lower() in IMAGE_ENDINGS for file in files) > len(files):
        raise DataError(
            f"{opened.name} holds images, and the recipe reads texts; choose a recipe for images, "
            "such as --recipe digits-cnn"
        )
    if isinstance(opened, Tree):
        return _class_folders(opened, encoding)
    with opened.open() as file:
        head = file.read(2**16)
    if head[:4] == b"PAR1":
        if encoding:
            raise DataError(f"{opened.name} is a Parquet file, always in UTF-8; omit --encoding")
        return Table(opened.name, "Parquet", *open_parquet(opened))
    encoding = encoding or find_encoding(opened)
    start = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    if not start:
        raise DataError(f"{opened.name} is empty; expected a header and rows")
    if start[0] in "{[" and opened.suffix not in (".csv", *_TABS):
        return Table(opened.name, "JSON lines", *open_json_lines(opened, encoding, LONGEST))
    return _delimited(opened, encoding, names)


def _class_folders(tree: Tree, encoding: str | None) -> Table:
    """Return the table of a folder with a subfolder of text files per class."""
    files = tree.by_class()

    def rows(names: Sequence[str]) -> Rows:
        for label, source in files:
            with open_text(source, encoding or find_encoding(source)) as file:
                text = file.read(LONGEST + 1)
            if len(text) > LONGEST:
                raise DataError(f"{source.name} has more than {LONGEST:,} characters; shorten it")
            yield tuple({"text": text, "label": label}[name] for name in names)

    return Table(tree.name, CLASS_FOLDERS, ("text", "label"), rows, encoding or "")


def _delimited(source: Source, encoding: str, names: Sequence[str]) -> Table:
    delimiter, quotes, sample = _dialect(source, encoding, names)
    if not sample or len(sample[0]) < 2:
        _sample(source, encoding, ",", True, strict=True)
        raise DataError(
            f"{source.name} has one column; expected two or more that are separated by commas, "
            "semicolons, tabs, or vertical bars. Save the file with one of these delimiters."
        )
    header = _has_header(sample, names)
    first = [cell.strip() for cell in sample[0]] if header else [""] * len(sample[0])
    columns = tuple(name or str(number) for number, name in enumerate(first, start=1))
    read = partial(_records, source, encoding, delimiter, quotes)
    mark = DELIMITERS.get(delimiter, delimiter)

    def rows(selection: Sequence[str]) -> Rows:
        places = [columns.index(name) for name in selection]
        pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
        for number, (line, row) in enumerate(read(), start=1 - header):
            if len(row) != len(columns):
                raise DataError(
                    f"{source.name}: row {number} (line {line}) has {counted(len(row), 'field')}; "
                    f"expected {len(columns)}. Put fields that contain a "
                    f"{mark} or a line end in quotes."
                )
            if number:
                yield pick(row)

    form = "TSV" if delimiter == "\t" else "CSV"
    missing = ["quoting"] * (not quotes) + ["a header"] * (not header)
    if missing:
        form += f" without {' and '.join(missing)}"
    return Table(source.name, form, columns, rows, encoding, mark)


def _dialect(
    source: Source, encoding: str, names: Sequence[str]
) -> tuple[str, bool, list[list[str]]]:
    """Return the delimiter of a file, whether quotes enclose fields, and the first records."""
    with open_text(source, encoding) as file:
        declared = _SEP.fullmatch(file.readline(_LONGEST_NAME))
    marks = [declared[1]] if declared else ["\t"] if source.suffix in _TABS else list(DELIMITERS)
    dialects = [(mark, True) for mark in marks] + [("\t", False)] * ("\t" in marks)
    samples = [(*each, _sample(source, encoding, *each)) for each in dialects]
    delimiter, quotes, sample = max(samples, key=lambda each: _fit(each[2], names))
    if delimiter == "\t":
        quotes = _has_quotes(source, encoding)
        sample = _sample(source, encoding, delimiter, quotes)
    return delimiter, quotes, sample


def _has_quotes(source: Source, encoding: str) -> bool:
    """Return whether quotes enclose fields in a whole tab-separated file, or are plain characters.

    Records of several lines need quotes, unless these lines are equal rows without them: then a
    quote that is never closed would join rows.
    """
    quoted = _shapes(source, encoding, quotes=True)
    if len(quoted) == 1 and all(width > 1 and not several for width, several in quoted):
        return True
    return bool(quoted) and len(_shapes(source, encoding, quotes=False)) != 1


def _shapes(source: Source, encoding: str, quotes: bool) -> set[tuple[int, bool]]:
    """Return the different numbers of fields between tabs, and whether a field has several lines.

    There are none if a record is not valid.
    """
    try:
        return {
            (len(row), any("\n" in cell or "\r" in cell for cell in row))
            for _, row in _records(source, encoding, "\t", quotes)
        }
    except DataError as error:
        if not isinstance(error.__cause__, csv.Error):
            raise
        return set()


def _records(
    source: Source, encoding: str, delimiter: str, quotes: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield the last line and the fields of each record that is not blank."""
    csv.field_size_limit(LONGEST)
    with open_text(source, encoding) as file:
        lines = lines_of(file, source.name, LONGEST)
        first = next(lines, "")
        reader = csv.reader(
            chain(["\n" if _SEP.fullmatch(first) else first], lines),
            delimiter=delimiter,
            quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
            strict=True,
        )
        number = 0
        try:
            for row in reader:
                if row:
                    number += 1
                    yield reader.line_num, row
        except csv.Error as error:
            reason = f"is not valid CSV ({error})"
            if "limit" in str(error):
                reason = f"has a field of more than {LONGEST:,} characters"
            raise DataError(
                f"{source.name}: record {number + 1} (at line {reader.line_num}) {reason}; shorten "
                "it, or close its quotes, and write a quote inside a field twice"
            ) from error


def _sample(
    source: Source, encoding: str, delimiter: str, quotes: bool, strict: bool = False
) -> list[list[str]]:
    """Return the first records; those before an error unless strict."""
    rows: list[list[str]] = []
    try:
        for _, row in islice(_records(source, encoding, delimiter, quotes), _SAMPLE):
            rows.append(row)
    except DataError as error:
        if strict or not isinstance(error.__cause__, csv.Error):
            raise
        return [row[:1] for row in rows]  # the worst fit
    return rows


def _fit(sample: list[list[str]], names: Sequence[str]) -> tuple[int, bool, int]:
    """Return how well a delimiter fits: columns that are asked for, equal rows, columns."""
    width = len(sample[0]) if sample else 0
    header = [cell.strip() for cell in sample[0]] if sample else []
    equal = width > 1 and all(len(row) == width for row in sample)
    return sum(name in header for name in names), equal, width


def _has_header(sample: list[list[str]], names: Sequence[str]) -> bool:
    """Return whether the first record names the columns.

    It does not if it looks like a row: if one of its fields is long, is a number, or occurs again
    in its column, as the label of a file for Amazon Comprehend does.
    """
    first = [cell.strip() for cell in sample[0]]
    if names:
        numbers = {str(number) for number in range(1, len(first) + 1)}
        return set(names) <= set(first) or not set(names) <= numbers
    if {cell.lower() for cell in first} & USUAL_NAMES:
        return True
    columns = zip(*(row for row in sample[1:] if len(row) == len(first)), strict=True)
    recurring = any(cell and cell in column for cell, column in zip(first, columns, strict=False))
    return not recurring and not any(
        len(cell) > _LONGEST_NAME or "\n" in cell or NUMBER.fullmatch(cell) for cell in first
    )
