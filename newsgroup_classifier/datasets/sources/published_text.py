"""Read the text of a published file (plain, gzipped, or zipped) and its rows.

If a file is invalid, these functions raise the error that the data set's `invalid` makes from the
reason, which names the file and where to download it.
"""

import csv
import gzip
import io
import zipfile
import zlib
from pathlib import Path

from newsgroup_classifier.errors import DataErrorFactory, counted, name_list

_LONGEST_FIELD = 2**30  # csv's own limit is 131,072 characters


def read_text(path: Path, invalid: DataErrorFactory, member: str | None = None) -> str:
    """Return the text of a file, or of one member of a zip file (by default, the name as .csv)."""
    content = path.read_bytes()
    member = member or f"{path.stem}.csv"
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(member)
    except KeyError as error:
        raise invalid(f"it does not contain {member}") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        # zipfile raises RuntimeError and NotImplementedError for members that it cannot unpack.
        raise invalid(f"it is not a complete {path.suffix[1:]} archive") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise invalid(f"byte {error.start} is 0x{byte:02x}, which is not UTF-8") from error


def csv_rows(text: str, columns: tuple[str, ...], invalid: DataErrorFactory) -> list[list[str]]:
    """Return the rows of a CSV file whose header is exactly these columns."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header, *rows = list(reader) or [[]]
    except csv.Error as error:
        raise invalid(f"its quotes are not closed: {error}") from error
    expected = f"expected {', '.join(columns)}"
    if not header:
        raise invalid(f"it is empty; {expected}")
    if tuple(header) != columns:
        raise invalid(f"its first row has the fields {name_list(header)}; {expected}")
    if not rows:
        raise invalid("it has a header but no rows")
    return check_widths(rows, columns, invalid)


def tab_rows(text: str, columns: tuple[str, ...], invalid: DataErrorFactory) -> list[list[str]]:
    """Return the rows of a tab-separated file without a header or quoting."""
    lines = text.removesuffix("\n").split("\n") if text else []
    if not lines:
        raise invalid(f"it is empty; expected {', '.join(columns)}")
    return check_widths([line.removesuffix("\r").split("\t") for line in lines], columns, invalid)


def check_widths(
    rows: list[list[str]], columns: tuple[str, ...], invalid: DataErrorFactory
) -> list[list[str]]:
    """Return the rows if each has one field per column."""
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            actual = counted(len(row), "field")
            raise invalid(f"row {number} has {actual}; expected {', '.join(columns)}")
    return rows
