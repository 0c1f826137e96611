"""CSV files that people open in spreadsheets, which run no field of them as a formula.

A text that a spreadsheet would run has an apostrophe before it, and so has a text that begins with
an apostrophe, so that reading gives what was written. Source: OWASP, "CSV Injection".
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write

_MARK = "'"
# The last four are the wide characters that Japanese and Chinese spreadsheets take for the first.
_MARKED = (_MARK, "=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_rows(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write a file of texts and numbers, whole or not at all."""
    with atomic_write(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        # With fewer quotes, a lone carriage return would not be quoted.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerows([_marked(field) for field in row] for row in rows)


def _marked(field: object) -> object:
    return _MARK + field if isinstance(field, str) and field.startswith(_MARKED) else field


def read_rows(content: bytes) -> list[list[str]]:
    """Return the rows of a file that `write_rows` wrote; raise ValueError if it is broken."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        return [[field.removeprefix(_MARK) for field in row] for row in rows]
    except csv.Error as error:
        raise ValueError(str(error)) from error
