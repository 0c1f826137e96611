"""Run every measurement and keep the table: `python -m benchmarks` (make bench).

The last results are in benchmarks/results.md and benchmarks/results.json.
"""

import json
import sys
from pathlib import Path

from benchmarks import handover, training

_FOLDER = Path(__file__).parent
_COLUMNS = ("what", "against", "data", "times slower than ours", "bytes", "our bytes")


def main() -> int:
    """Measure, print the table, and write both forms of it."""
    rows = training.rows() + handover.rows()
    lines = [_COLUMNS, tuple("---" for _ in _COLUMNS)]
    lines += [tuple(str(row.get(column, "")) for column in _COLUMNS) for row in rows]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
    note = "Median of pairs in one run, and the middle half (of three pairs: all) of them.\n"
    (_FOLDER / "results.md").write_text(f"# Measured\n\n{note}\n{table}", encoding="utf-8")
    (_FOLDER / "results.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
