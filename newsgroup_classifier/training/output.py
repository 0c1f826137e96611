"""What training programs print to the log, and the metrics and plots that they write."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.evaluation.metrics import Scores

WORD_CLOUD = "word_cloud.png"


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


def write_plots(
    scores: Scores,
    train_labels: Sequence[int] | Counter[int],
    words: Mapping[str, int],
    folder: Path,
) -> list[str]:
    """Save the plots of a trained classifier in a folder; print and return their names."""
    # Importing Matplotlib takes half a second, which a job with an invalid channel can save.
    from newsgroup_classifier.evaluation.plots import save_plots

    names = save_plots(scores, train_labels, words, folder)
    for name in names:
        log_line(f"plot {name}")
    return names
