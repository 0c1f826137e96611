"""Read the text of a published file, gzipped or zipped or neither, and its rows.

What is wrong with a file becomes the error that the data set makes of the reason (`Broken`), which
names the file and where to fetch it.
"""

import csv
import gzip
import io
import zipfile
import zlib
from pathlib import Path

from newsgroup_classifier.errors import DataErrorFactory

_SHOWN = 80  # characters of a header that is none
_LONGEST_FIELD = 2**30  # csv's own limit is 131,072 characters


def read_text(path: Path, broken: DataErrorFactory, member: str | None = None) -> str:
    """Return what a file has as text; of a zip, what its member has (else PATH's name as .csv)."""
    content = path.read_bytes()
    member = member or f"{path.stem}.csv"
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(member)
    except KeyError as error:
        raise broken(f"it holds no {member}") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        # zipfile raises RuntimeError (and NotImplementedError) for what it cannot unpack.
        raise broken(f"it is no whole {path.suffix[1:]} archive") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise broken(f"byte {error.start} is 0x{byte:02x}, which is not UTF-8") from error


def csv_rows(text: str, columns: tuple[str, ...], broken: DataErrorFactory) -> list[list[str]]:
    """Return the rows under a header of exactly these columns."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header, *rows = list(reader) or [[]]
    except csv.Error as error:
        raise broken(f"its quotes do not close: {error}") from error
    expected = f"expected {', '.join(columns)}"
    if not header:
        raise broken(f"it is empty; {expected}")
    if tuple(header) != columns:
        raise broken(f"its first row is {', '.join(header)[:_SHOWN]!r}; {expected}")
    if not rows:
        raise broken("it has a header and no rows")
    return check_widths(rows, columns, broken)


def tab_rows(text: str, columns: tuple[str, ...], broken: DataErrorFactory) -> list[list[str]]:
    """Return the rows of a file without a header, a tab between fields; quotes mean nothing."""
    lines = text.removesuffix("\n").split("\n") if text else []
    if not lines:
        raise broken(f"it is empty; expected {', '.join(columns)}")
    return check_widths([line.removesuffix("\r").split("\t") for line in lines], columns, broken)


def check_widths(
    rows: list[list[str]], columns: tuple[str, ...], broken: DataErrorFactory
) -> list[list[str]]:
    """Return the rows if each has a field for every column."""
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise broken(f"row {number} has {len(row)} fields; expected {', '.join(columns)}")
    return rows
