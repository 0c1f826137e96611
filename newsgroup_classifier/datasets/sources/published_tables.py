"""Read the rows of a published table: CSV, plain or packed."""

from pathlib import Path

from newsgroup_classifier.datasets.files.tables import open_table
from newsgroup_classifier.errors import DataErrorFactory, name_list


def read_table(
    path: Path, columns: tuple[str, ...], invalid: DataErrorFactory
) -> list[tuple[str, ...]]:
    """Return the rows of a file whose header is exactly these columns.

    Raise DataError if the file is broken, or what `invalid` makes of the reason if it has others.
    """
    table = open_table(path, names=columns)
    if table.columns != columns:
        raise invalid(f"its columns are {name_list(table.columns)}; expected {', '.join(columns)}")
    rows = list(table.rows(columns))
    if not rows:
        raise invalid("it has a header but no rows")
    return rows
