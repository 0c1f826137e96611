"""Run every measurement and keep the tables: `python -m benchmarks` (make bench).

The last results are in benchmarks/results.md and benchmarks/results.json. It takes some minutes.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    containers,
    growth,
    handover,
    lambdas,
    latency,
    load,
    request_profile,
    search,
    streaming,
    training,
    transforms,
)
from benchmarks.endpoints import endpoints

Row = dict[str, Any]
_FOLDER = Path(__file__).parent
_RATIOS = ("what", "against", "data", "times slower than ours", "theirs", "ours")
_PARTS = ("part", "ms", "share")
_NOTE = (
    "Each ratio is the median of several taken in one run; in brackets the middle half of them,\n"
    "or all if they are three. Absolute times are those of the machine of the run: two cores.\n"
)


def main() -> int:
    """Measure, print the tables, and write both forms of them."""
    if "DATASETS_DIR" not in os.environ:
        print("error: set DATASETS_DIR: only real data is measured", file=sys.stderr)
        return 1
    ratios = [*training.rows(), *growth.rows(), *handover.rows(), *search.rows()]
    with endpoints() as found:
        ratios += [*latency.rows(found), *load.rows(found)]
        parts = request_profile.table(found)
    ratios += lambdas.rows()
    ratios += containers.rows()
    ratios += [*transforms.rows(), *streaming.rows()]
    text = (
        f"# Measured\n\n{_NOTE}\n{_markdown(ratios, _RATIOS)}\n"
        f"## Where the time of one request goes\n\n{_markdown(parts, _PARTS)}"
    )
    results = {"ratios": ratios, "one request": parts}
    (_FOLDER / "results.md").write_text(text, encoding="utf-8")
    (_FOLDER / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(text)
    return 0


def _markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    lines = [columns, ["---"] * len(columns)]
    lines += [[str(row.get(column, "")) for column in columns] for row in rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
