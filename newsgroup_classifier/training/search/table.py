"""What a search found as a table: in the log, and whole in search.csv."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

TABLE = "search.csv"
_TOLD = 10  # candidates in the log
_UNSHOWN = ("candidate", "fitted_as")
Row = dict[str, Any]


def scored(mean: float, deviation: float, folds: int, seconds: float) -> Row:
    """Return what a candidate's row has of its accuracy over the folds.

    The standard error is that of the mean. `seconds` are those of the CPU for one fit of the model.
    """
    return {
        "accuracy": mean,
        "deviation": deviation,
        "standard_error": deviation / math.sqrt(folds),
        "seconds": seconds,
    }


def ranked(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with their ranks, best first; equal ones in their order have one rank.

    A row of a later round of successive halving is before any of an earlier one.
    """

    def standing(row: Row) -> tuple[int, float]:
        return row.get("round", 0), row["accuracy"]

    ordered = sorted(rows, key=standing, reverse=True)
    found: list[Row] = []
    for place, row in enumerate(ordered, start=1):
        same = bool(found) and standing(found[-1]) == standing(row)
        found.append({"rank": found[-1]["rank"] if same else place, **row})
    return found


def write_table(table: Sequence[Row], folder: Path) -> None:
    """Write search.csv into the output data folder; it appears whole."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{TABLE}.part"
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    part.replace(folder / TABLE)


def table_lines(table: Sequence[Mapping[str, Any]], most: int = _TOLD) -> list[str]:
    """Return the best rows in columns, a line each, under a line of their names.

    Of candidates that are equal in every step the first is shown.
    """
    fitted: dict[Any, Mapping[str, Any]] = {}
    for place, row in enumerate(table):
        fitted.setdefault(row.get("fitted_as", place), row)
    top = [
        {name: _shown(name, value) for name, value in row.items() if name not in _UNSHOWN}
        for row in list(fitted.values())[:most]
    ]
    widths = {name: max(len(name), *(len(row[name]) for row in top)) for name in top[0]}
    head = {name: name for name in widths}
    return [
        "  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip()
        for row in (head, *top)
    ]


def _shown(name: str, value: Any) -> str:
    if name in ("accuracy", "deviation", "standard_error"):
        return f"{float(value):.4f}"
    return f"{float(value):.2f}" if name == "seconds" else str(value)
