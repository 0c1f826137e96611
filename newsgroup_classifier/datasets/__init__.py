"""Data sets: one module per data set, which declares a `DatasetLoader`.

Training containers import none of them, because loading needs packages that the images lack.
"""

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GENERATED = "generated sample"  # the source of generated data
Report = Callable[[str, list[tuple[str, str]]], None]  # prints a heading and the rows of a table


def report_nothing(heading: str, rows: list[tuple[str, str]]) -> None:
    """Print no report."""


@dataclass(frozen=True)
class DatasetLoader:
    """The name of a data set, how to load it, and how to generate a sample of the same form.

    `load` takes the data folder, or None for DATASETS_DIR, the cache, or a download. Without
    `generate`, the data set has no generated sample. Both receive the values of flags that were
    passed, and `report` if the data set `reports`, as keyword arguments.
    """

    name: str
    load: Callable[..., Any]
    generate: Callable[..., Any] | None = None
    flags: Mapping[str, dict[str, Any]] = field(default_factory=dict)  # for argparse
    reports: bool = False
    result: Callable[[Any], dict[str, Any]] = lambda dataset: {}  # keys of the JSON object
    draw: Callable[[Any, Path], list[str]] | None = None  # saves plots in a folder


def whole_number(lowest: int, highest: int | None = None) -> Callable[[str], int]:
    """Return an argparse type for whole numbers of a range."""

    def parse(text: str) -> int:
        number = int(text) if re.fullmatch("[0-9]{1,18}", text) else lowest - 1
        if number < lowest or (highest is not None and number > highest):
            limits = (
                f" of {lowest} or more" if highest is None else f" from {lowest} to {highest:,}"
            )
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number{limits}")
        return number

    return parse
