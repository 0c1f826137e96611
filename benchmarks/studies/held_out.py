"""Measure the image and comment recipes on their test channels.

    DATASETS_DIR=<folder> python -m benchmarks.studies.held_out

The rows are stored in held_out.json; the table is held_out.md. It takes ten minutes.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from benchmarks.studies.networks import examples, train
from benchmarks.studies.study import Candidate, run_study
from newsgroup_classifier.recipes.catalogue import find_recipe

_HEAD = """# Accuracy of the image and comment recipes

Written by `python -m benchmarks.studies.held_out`: each recipe is trained on the train channel, as
in its training job, and measured on the test channel: MNIST's own 10,000 test digits, a stratified
fifth of the QuickDraw sketches (seed 0), and a stratified fifth of the Reddit comments (seed 0; the
larger class is 0.644 of them). Precision, recall and F1 are weighted by class. CPU seconds are from
the examples in memory to the fitted model.

| recipe | changed | accuracy | precision | recall | F1 | epochs | CPU seconds |
|---|---|---|---|---|---|---|---|
"""
_COLUMNS = ("accuracy", "weighted_precision", "weighted_recall", "weighted_f1")
CANDIDATES = (
    Candidate("digits-cnn", {"epochs": 2}),
    Candidate("digits-cnn"),
    Candidate("sketches-dense"),
    Candidate("sketches-cnn"),
    Candidate("comments-dense"),
)


def measure(candidate: Candidate) -> dict[str, float]:
    """Train a candidate and return its test metrics, its epochs, and its CPU seconds."""
    parts = examples(find_recipe(candidate.recipe).dataset)
    trained = train(candidate, *parts)
    metrics = trained.result.metrics
    figures = {name: metrics[name] for name in _COLUMNS}
    return figures | {"epochs": metrics["train_epochs"], "cpu_seconds": trained.cpu_seconds}


def table(done: Mapping[str, Mapping[str, float]]) -> str:
    """Return the document."""
    return _HEAD + "".join(_line(candidate, done[candidate.title]) for candidate in CANDIDATES)


def _line(candidate: Candidate, row: Mapping[str, Any]) -> str:
    cells = [f"`{candidate.recipe}`", candidate.changes]
    cells += [f"{row[name]:.4f}" for name in _COLUMNS]
    cells += [str(row["epochs"]), f"{row['cpu_seconds']:.0f}"]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    run_study(__file__, {each.title: partial(measure, each) for each in CANDIDATES}, table)
