"""The results of a search as a table: the best rows in the log, and all in search.csv."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from newsgroup_classifier.csv_files import write_rows

TABLE = "search.csv"
_LOGGED = 10  # candidates in the log
_HIDDEN = ("candidate", "fitted_as")
Row = dict[str, Any]


def scored(mean: float, deviation: float, folds: int, seconds: float) -> Row:
    """Return the part of a candidate's row with its accuracy over the folds.

    The deviation is that of these folds, as in scikit-learn, and the standard error that of the
    mean over folds, so it is estimated with one fold less. `seconds` is the time of one fit.
    """
    return {
        "accuracy": mean,
        "deviation": deviation,
        "standard_error": deviation / math.sqrt(folds - 1),
        "seconds": seconds,
    }


def ranked(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with their ranks, best first; equal rows keep their order and share a rank.

    The rows of a later round of successive halving precede those of earlier rounds.
    """

    def standing(row: Row) -> tuple[int, float]:
        return row.get("round", 0), row["accuracy"]

    ordered = sorted(rows, key=standing, reverse=True)
    ranks: list[Row] = []
    for position, row in enumerate(ordered, start=1):
        same = bool(ranks) and standing(ranks[-1]) == standing(row)
        ranks.append({"rank": ranks[-1]["rank"] if same else position, **row})
    return ranks


def write_table(table: Sequence[Row], folder: Path) -> None:
    """Write search.csv into the output data folder."""
    names = list(table[0])
    write_rows(folder / TABLE, [names, *([row.get(name, "") for name in names] for row in table)])


def table_lines(table: Sequence[Mapping[str, Any]], limit: int = _LOGGED) -> list[str]:
    """Return the best rows as lines with aligned columns, after a line with the column names.

    Of candidates whose steps are all equal, only the first is shown.
    """
    distinct: dict[Any, Mapping[str, Any]] = {}
    for index, row in enumerate(table):
        distinct.setdefault(row.get("fitted_as", index), row)
    top = [
        {name: _format(name, value) for name, value in row.items() if name not in _HIDDEN}
        for row in list(distinct.values())[:limit]
    ]
    widths = {name: max(len(name), *(len(row[name]) for row in top)) for name in top[0]}
    head = {name: name for name in widths}
    return [
        "  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip()
        for row in (head, *top)
    ]


def _format(name: str, value: Any) -> str:
    if name in ("accuracy", "deviation", "standard_error"):
        return f"{float(value):.4f}"
    return f"{float(value):.2f}" if name == "seconds" else str(value)
