"""What training programs print to the log, and the metrics and warnings that they write."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write


def log_line(line: str) -> None:
    """Print a line without buffering, because the log is read while the job runs."""
    print(line, flush=True)


def log_metrics(metrics: Mapping[str, float]) -> None:
    """Print one metric per line: train:NAME, validation:NAME, or test:NAME for all others."""
    for name, value in metrics.items():
        prefixed = name.startswith(("train_", "validation_"))
        log_line(f"{name.replace('_', ':', 1) if prefixed else f'test:{name}'}={value!r}")


def write_metrics(metrics: Mapping[str, float], folder: Path) -> None:
    """Write metrics.json into the output data folder."""
    with atomic_write(folder / "metrics.json") as part:
        part.write_text(json.dumps(metrics, indent=1), encoding="utf-8")


def report_warnings(warnings: Sequence[str], folder: Path) -> None:
    """Print warnings, and write warnings.json into the output data folder if there are any."""
    for warning in warnings:
        log_line(f"WARNING: {warning}")
    if warnings:
        with atomic_write(folder / "warnings.json") as part:
            part.write_text(json.dumps(list(warnings), indent=1), encoding="utf-8")
