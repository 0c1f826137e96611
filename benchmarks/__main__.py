"""Measure and save the table: `python -m benchmarks [part ...]` (make bench: every part).

The latest results are in benchmarks/results.md and benchmarks/results.json. Measuring a part
replaces its own rows only. Measuring all parts starts from an empty table and takes most of an
hour.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

Row = dict[str, Any]
RESULTS = Path(__file__).parent
_KEY = ("measurement", "compared with", "data")
_COLUMNS = (*_KEY, "ratio", "baseline", "this project")
_NOTE = (
    "Each ratio is the median of several measured in one run. The range in parentheses contains\n"
    "the middle half of them, or all of them if there are seven or fewer; a row of a single\n"
    "measurement says so. Parts may have been measured on different days. Absolute times are\n"
    "those of a machine with two cores.\n"
)
PARTS = {  # each part with its module and the function that returns its rows
    "training": ("training", "rows"),
    "features": ("features", "rows"),
    "search": ("search", "rows"),
    "lambdas": ("serving.lambdas", "rows"),
    "lambda-posts": ("serving.lambdas", "rows_for_posts"),
    "containers": ("serving.containers", "rows"),
    "transforms": ("serving.transforms", "rows"),
    "streaming": ("streaming", "rows"),
    "endpoint-api": ("serving.endpoint_api", "rows"),
    "explanations": ("serving.explanations", "rows"),
    "own-files": ("own_files", "rows"),
    "report": ("report", "rows"),
    "ship": ("ship", "rows"),
    "endpoints": ("serving.latency", "rows"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON and as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of: {', '.join(PARTS)}")
    arguments = parser.parse_args(argv)
    for part in arguments.parts:
        if part not in PARTS:
            parser.error(f"{part!r} is not a part; expected any of {', '.join(PARTS)}")
    if "DATASETS_DIR" not in os.environ:
        print(
            "error: DATASETS_DIR is not set; set it, because only real data is measured",
            file=sys.stderr,
        )
        return 1
    path = RESULTS / "results.json"
    results: list[Row] = []
    if arguments.parts:
        results = json.loads(path.read_text(encoding="utf-8"))
    for part in arguments.parts or PARTS:
        results = merge(results, _measure(part))
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "results.md").write_text(render(results), encoding="utf-8")
    print(render(results))
    return 0


def _measure(part: str) -> list[Row]:
    module, function = PARTS[part]
    rows: list[Row] = getattr(import_module(f"benchmarks.{module}"), function)()
    return rows


def merge(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return the old rows with new ones in place of those with the same key."""
    return list({tuple(row[name] for name in _KEY): row for row in (*old, *new)}.values())


def render(results: Sequence[Row]) -> str:
    """Return the table as Markdown."""
    lines = [_COLUMNS, ["---"] * len(_COLUMNS)]
    lines += [[str(row.get(column, "")) for column in _COLUMNS] for row in results]
    table = "".join("| " + " | ".join(line) + " |\n" for line in lines)
    return f"# Measurements\n\n{_NOTE}\n{table}"


if __name__ == "__main__":
    sys.exit(main())
