"""Train recipes by their training programs on the real channels, and keep two of the plots.

    DATASETS_DIR=<folder> python -m benchmarks.studies.training_jobs

The rows are stored in training_jobs.json; the table is training_jobs.md. The plots are in docs/.
It takes five minutes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.studies.study import Candidate, run_study
from newsgroup_classifier.datasets.catalogue import load_dataset
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from scripts.jobs.channel_files import write_files

_DOCS = Path(__file__).parents[2] / "docs"
_HEAD = """# Accuracy of training jobs

Written by `python -m benchmarks.studies.training_jobs`: each recipe is trained on its train channel
by the program that a training job starts, and measured on its test channel. "Stream" reads the
channel row by row ([guide](../../docs/how-to/large-corpora.md)).

| recipe | changed | accuracy | macro F1 |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Job(Candidate):
    """A candidate, and the plots to keep: file in docs by its name."""

    plots: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> str:
        """What differs from the defaults, in one line."""
        preset = [f"preset `{self.preset}`"] if self.preset else []
        return ", ".join([*preset, *(f"`{name}={value}`" for name, value in self.changed.items())])

    @property
    def title(self) -> str:
        """The recipe and its changes."""
        return f"{self.recipe} {self.changes}".strip()


_STREAM: dict[str, Value] = {"reading": "stream"}
_HASHED = _STREAM | {"features": "hashed"}
_BAYES, _LINEAR = "newsgroups-naive-bayes", "newsgroups-linear"
JOBS = (
    Job(_BAYES, plots={"confusion_matrix.png": "confusion_matrix.png"}),
    Job(_BAYES, _STREAM),
    Job(_BAYES, _HASHED),
    Job(_LINEAR),
    Job(_LINEAR, _STREAM),
    Job(_LINEAR, _HASHED),
    Job("spooky-topic-forest", preset="tutorial"),
    Job("spooky-topic-forest", preset="tuned"),
    Job("sketches-cnn", plots={"examples.png": "sketches.png"}),
)


def measure(job: Job) -> dict[str, float]:
    """Run a job in a process of its own; return its test metrics, and keep its plots."""
    recipe = find_recipe(job.recipe)
    with tempfile.TemporaryDirectory(prefix="study-") as name:
        folder = Path(name)
        variables = _write_channels(recipe, folder) | {
            "SM_MODEL_DIR": str(folder / "model"),
            "SM_OUTPUT_DATA_DIR": str(folder / "output" / "data"),
        }
        module = recipe.program.removesuffix(".py").replace("/", ".")
        flags = [word for name, value in job.values().items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", module, "--recipe", job.recipe, *flags]
        subprocess.run(command, env=os.environ | variables, stdout=subprocess.DEVNULL, check=True)
        output = folder / "output" / "data"
        for plot, kept in job.plots.items():
            shutil.copyfile(output / plot, _DOCS / kept)
        metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    return {name: metrics[name] for name in ("accuracy", "macro_f1")}


def _write_channels(recipe: Recipe, folder: Path) -> dict[str, str]:
    """Write the channels of a recipe; return the variables that name their folders."""
    files = folder / "files"
    files.mkdir()
    arguments = argparse.Namespace(generated_sample=False, data_dir=None)
    variables = {}
    for name, (path, _, _) in write_files(
        recipe, load_dataset(recipe.dataset), arguments, files
    ).items():
        channel = folder / name
        channel.mkdir()
        path.rename(channel / path.name)
        variables[f"SM_CHANNEL_{name.upper()}"] = str(channel)
    return variables


def table(done: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the document."""
    lines = [
        f"| `{job.recipe}` | {job.changes} | {row['accuracy']:.4f} | {row['macro_f1']:.4f} |\n"
        for job in JOBS
        if (row := done.get(job.title))
    ]
    return _HEAD + "".join(lines)


if __name__ == "__main__":
    run_study(__file__, {job.title: partial(measure, job) for job in JOBS}, table)
