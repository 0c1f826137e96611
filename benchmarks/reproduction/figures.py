"""Read the measured figures, and render templates with them."""

import json
from collections.abc import Mapping
from functools import partial
from math import floor, log10
from typing import Any

from jinja2 import Environment, StrictUndefined

from benchmarks.reproduction.steps import ROOT, STEPS

_BENCHMARKS = ROOT / "benchmarks" / "results.json"


def read_figures() -> dict[str, Any]:
    """Return the rows of each study by its name, and those of the benchmarks."""
    figures = {
        step.name: json.loads(step.stored.read_text(encoding="utf-8"))
        for step in STEPS
        if step.stored is not None
    }
    rows = json.loads(_BENCHMARKS.read_text(encoding="utf-8"))["ratios"]
    return figures | {"bench": partial(_row, rows)}


def _row(rows: list[Mapping[str, Any]], measurement: str, compared: str) -> Mapping[str, Any]:
    """Return the row of a measurement whose names begin with these; raise if it is not one row."""
    matches = [
        row
        for row in rows
        if row["measurement"].startswith(measurement) and row["compared with"].startswith(compared)
    ]
    if len(matches) != 1:
        raise KeyError(f"{len(matches)} rows of {measurement!r}, compared with {compared!r}")
    return matches[0]


def environment() -> Environment:
    """Return the environment of the templates; an unknown name in one of them is an error."""
    result = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 (Markdown)
    result.filters |= {"digits": digits, "significant": significant}
    return result


def digits(value: float, count: int) -> str:
    """Return a number with `count` digits after the decimal point."""
    return f"{value:.{count}f}"


def significant(value: float, count: int = 1) -> str:
    """Return a number with `count` significant digits, without an exponent."""
    after = max(0, count - 1 - floor(log10(abs(value))))
    return f"{round(value, count - 1 - floor(log10(abs(value)))):.{after}f}"
