"""Split CSV files of 100,000 and of a million rows into channels: CPU time per row, and memory.

    python -m benchmarks own-files

The time is the CPU time of a process minus that of one with few rows, which covers its start.
"""

import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import process_cost, row, spread

SIZES = (100_000, 1_000_000)
_FEW = 1_000
_WORDS, _VOCABULARY, _CLASSES = 18, 50_000, 20


def write_rows(count: int, path: Path) -> None:
    """Write a CSV file with the columns text and label, of about 120 bytes per row."""
    random = np.random.default_rng(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        for number in range(count):
            words = random.integers(_VOCABULARY, size=_WORDS)
            writer.writerow((" ".join(f"w{word:x}" for word in words), number % _CLASSES))


def measure(sizes: Sequence[int] = SIZES) -> list[dict[str, float]]:
    """Return the rows, CPU microseconds per row, peak memory, and size in MB of each file."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        path, start = Path(folder, "rows.csv"), 0.0
        for count in (_FEW, *sizes):
            write_rows(count, path)
            seconds, peak = process_cost([sys.executable, "-m", __spec__.name, str(path)])
            if count == _FEW:
                start = seconds
                continue
            cost = 1e6 * (seconds - start) / (count - _FEW)
            size = path.stat().st_size / 2**20
            lines.append({"rows": count, "microseconds": cost, "peak": peak, "size": size})
    return lines


def rows() -> list[dict[str, Any]]:
    """Return one row: the time per row of the larger file divided by that of the smaller."""
    smaller, larger = measure()
    taken = spread([larger["microseconds"] / smaller["microseconds"]])
    what = f"one of {smaller['rows']:,} rows of an own file, one run"
    against, sides = f"one of {larger['rows']:,}", (_described(larger), _described(smaller))
    return [row(what, against, "generated rows", taken, sides)]


def _described(line: dict[str, float]) -> str:
    return f"{line['microseconds']:.0f} µs of CPU, peak {line['peak']:.0f} MB"


def split(path: Path) -> None:
    """Split a file into channels as `upload_data` does, with the report."""
    from newsgroup_classifier.datasets.files.columns import choose_columns
    from newsgroup_classifier.datasets.files.own_texts import prepare_texts
    from newsgroup_classifier.datasets.files.tables import open_table

    table = open_table(path)
    prepare_texts(table, choose_columns(table)).write(path.with_suffix(""))


if __name__ == "__main__":
    split(Path(sys.argv[1]))
