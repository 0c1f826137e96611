"""Measure the image and comment recipes on their test channels.

    DATASETS_DIR=<folder> python -m benchmarks.studies.held_out

Each row is printed when it is ready and saved to benchmarks/studies/held_out.json, from which an
interrupted study resumes. The table is benchmarks/studies/held_out.md. It takes ten minutes.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.studies.networks import examples, train, values_of
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import find_recipe

_HERE = Path(__file__).parent
_RESULTS, _TABLE = _HERE / "held_out.json", _HERE / "held_out.md"
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


@dataclass(frozen=True)
class Candidate:
    """A recipe, and the values that differ from its defaults."""

    recipe: str
    changed: Mapping[str, Value] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The recipe and its changes in one line."""
        return " ".join([self.recipe, *(f"{name}={value}" for name, value in self.changed.items())])


CANDIDATES = (
    Candidate("digits-cnn", {"epochs": 2}),
    Candidate("digits-cnn"),
    Candidate("sketches-dense"),
    Candidate("sketches-cnn"),
    Candidate("comments-dense"),
)


def main() -> int:
    """Run the study; return the exit code."""
    done = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    for candidate in CANDIDATES:
        if candidate.title not in done:
            done[candidate.title] = measure(candidate)
            print(candidate.title, done[candidate.title], flush=True)
            _RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    _TABLE.write_text(table(done), encoding="utf-8")
    return 0


def measure(candidate: Candidate) -> dict[str, float]:
    """Train a candidate and return its test metrics, its epochs, and its CPU seconds."""
    parts = examples(find_recipe(candidate.recipe).dataset)
    trained = train(candidate.recipe, values_of(candidate.recipe, candidate.changed), *parts)
    metrics = trained.result.metrics
    figures = {name: metrics[name] for name in _COLUMNS}
    return figures | {"epochs": metrics["train_epochs"], "cpu_seconds": trained.cpu_seconds}


def table(done: Mapping[str, Mapping[str, float]]) -> str:
    """Return the document."""
    return _HEAD + "".join(_line(candidate, done[candidate.title]) for candidate in CANDIDATES)


def _line(candidate: Candidate, row: Mapping[str, Any]) -> str:
    changed = ", ".join(f"`{name}` {value}" for name, value in candidate.changed.items())
    figures = [f"{row[name]:.4f}" for name in _COLUMNS]
    cells = [f"`{candidate.recipe}`", changed, *figures, row["epochs"], f"{row['cpu_seconds']:.0f}"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.exit(main())
