"""Measure and save the tables: `python -m benchmarks [part ...]` (make bench: every part).

The latest results are in benchmarks/results.md and benchmarks/results.json. Measuring a part
replaces its own rows only. Measuring all parts starts from an empty table and takes most of an
hour.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.serving import latency, load, request_profile
from benchmarks.serving.endpoints import endpoints

Row = dict[str, Any]
Tables = dict[str, list[Row]]
RESULTS = Path(__file__).parent
_RATIOS = ("measurement", "compared with", "data", "ratio", "baseline", "this project")
_PARTS = ("part", "ms", "share")
_NOTE = (
    "Each ratio is the median of several measured in one run. The range in parentheses contains\n"
    "the middle half of them, or all of them if there are seven or fewer; a row of a single\n"
    "measurement says so. Parts may have been measured on different days. Absolute times are\n"
    "those of a machine with two cores.\n"
)
_ALONE = {  # each part with its module and the function that returns its rows
    "training": ("training", "rows"),
    "features": ("features", "rows"),
    "growth": ("growth", "rows"),
    "handover": ("serving.handover", "rows"),
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
}
PARTS = (*_ALONE, "endpoints")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write them as JSON and as Markdown."""
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
    results: Tables = {"ratios": [], "one request": []}
    if arguments.parts:
        results = json.loads(path.read_text(encoding="utf-8"))
    for part in arguments.parts or PARTS:
        results = merge(results, _measure(part))
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "results.md").write_text(render(results), encoding="utf-8")
    print(render(results))
    return 0


def _measure(part: str) -> Tables:
    if part in _ALONE:
        module, function = _ALONE[part]
        return {"ratios": getattr(import_module(f"benchmarks.{module}"), function)()}
    with endpoints() as running:
        return {
            "ratios": [*latency.rows(running), *load.rows(running)],
            "one request": request_profile.table(running),
        }


def merge(old: Mapping[str, list[Row]], new: Mapping[str, list[Row]]) -> Tables:
    """Return the old tables with new rows in place of the old ones with the same key."""
    return {name: _replace(rows, new.get(name, [])) for name, rows in old.items()}


def _replace(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    rows = {_key(row): row for row in (*old, *new)}
    return list(rows.values())


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("part", "measurement", "compared with", "data"))


def render(results: Mapping[str, list[Row]]) -> str:
    """Return both tables as Markdown."""
    return (
        f"# Measurements\n\n{_NOTE}\n{_markdown(results['ratios'], _RATIOS)}\n"
        f"## Where the time of one request goes\n\n{_markdown(results['one request'], _PARTS)}"
    )


def _markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    lines = [columns, ["---"] * len(columns)]
    lines += [[str(row.get(column, "")) for column in columns] for row in rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
