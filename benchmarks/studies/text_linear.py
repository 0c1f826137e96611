"""Measure text-linear and the recipes on top of it on eight sets.

    DATASETS_DIR=<folder> python -m benchmarks.studies.text_linear

The rows are stored in text_linear.json; the table is text_linear.md. It takes half an hour.
Everything that a fit chooses, it chooses by folds of the rows that it trains on.
"""

import statistics
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.studies.study import run_study
from benchmarks.studies.text_sets import SETS, Part, TextSet
from newsgroup_classifier.evaluation.calibration import BINS, calibration_error
from newsgroup_classifier.export.npz import write_hashed_linear
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.training.scikit_learn.fitting import builder_of

_SMALL, _WHOLE = 3.0, 1e6  # MB
_HEAD = f"""# The general linear recipe on eight sets

Written by `python -m benchmarks.studies.text_linear`. Accuracy, macro F1 and the expected
calibration error (ECE, {BINS} bins of equal width) are those of the model that is served: one
matrix of at most `max_mb` (10) MB with one byte per weight. Predictions of all folds are pooled.
"Loss" is the accuracy that pruning from the whole matrix to 10 MB costs, and "at 3 MB" the accuracy
with `max_mb` 3. Seconds are from texts in memory to the fitted model, for the median fold, on two
cores. "MB" is the size of the Lambda function's model.npz.

The test parts of 20 Newsgroups, Reuters R8, and AG News were scored more than once while the recipe
was built: 20 Newsgroups with ridge alone (0.8910), with an earlier pruning (0.8970), and at last.
The figures of these sets may therefore be slightly too high.

| set | protocol | recipe | accuracy | macro F1 | ECE | loss | at 3 MB | fit, s | CPU, s | MB |
|---|---|---|---|---|---|---|---|---|---|---|
"""
_VOTES_HEAD = """
## What votes

| set | votes of the last fold |
|---|---|
"""


def measure(each: TextSet) -> dict[str, Any]:
    """Return the figures of a set, over all of its splits together."""
    parts = [_measure_split(each, *split) for split in each.splits()]
    labels = np.concatenate([part["labels"] for part in parts])
    served = np.concatenate([part["served"] for part in parts])
    probabilities = np.concatenate([part["probabilities"] for part in parts])
    predicted = served.argmax(axis=1)
    right = {
        name: float(
            (np.concatenate([part[name] for part in parts]).argmax(axis=1) == labels).mean()
        )
        for name in ("served", "whole", "small")
    }
    return {
        "accuracy": right["served"],
        "macro_f1": float(f1_score(labels, predicted, average="macro")),
        "ece": calibration_error(probabilities.max(axis=1), predicted == labels),
        "loss": right["whole"] - right["served"],
        "small": right["small"],
        **{
            name: statistics.median(part[name] for part in parts)
            for name in ("seconds", "cpu_seconds", "megabytes")
        },
        "votes": parts[-1]["votes"],
    }


def _measure_split(each: TextSet, train: Part, test: Part) -> dict[str, Any]:
    recipe = find_recipe(each.recipe)
    values = recipe.defaults | each.changed
    step, softmax = builder_of(recipe)(values)
    groups = train.groups if values["grouped"] == "yes" else None
    began, began_cpu = time.perf_counter(), time.process_time()
    folding = step.learn(train.texts, train.labels, groups)
    step.model_ = folding.pruned(step.max_mb)
    softmax.fit(step.report_.scores, train.labels)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    names = sorted(set(train.labels))
    about = {"recipe": recipe.name, "label_names": names, "versions": {}}
    served = step.transform(test.texts)
    return {
        "labels": np.array([names.index(label) for label in test.labels]),
        "served": served,
        "probabilities": softmax.predict_proba(served),
        "whole": folding.pruned(_WHOLE).score(test.texts),
        "small": folding.pruned(_SMALL).score(test.texts),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "megabytes": len(write_hashed_linear(step.model_, about)) / 1e6,
        "votes": step.report_.votes,
    }


def table(done: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the document."""
    rows = [_line(each, row) for each in SETS if (row := done.get(each.title))]
    votes = [
        f"| {each.title} | {_votes(row['votes'])} |\n"
        for each in SETS
        if (row := done.get(each.title))
    ]
    return _HEAD + "".join(rows) + _VOTES_HEAD + "".join(votes)


def _line(each: TextSet, row: Mapping[str, Any]) -> str:
    changed = "".join(f", `{name}={value}`" for name, value in each.changed.items())
    cells = [
        *(each.title, each.protocol, f"`{each.recipe}`{changed}"),
        *(f"{row[name]:.4f}" for name in ("accuracy", "macro_f1")),
        f"{row['ece']:.3f}",
        f"{row['loss']:.4f}",
        f"{row['small']:.4f}",
        *(f"{row[name]:.0f}" for name in ("seconds", "cpu_seconds")),
        f"{row['megabytes']:.1f}",
    ]
    return f"| {' | '.join(cells)} |\n"


def _votes(votes: Mapping[str, int]) -> str:
    return "; ".join(f"{member}: {count}" for member, count in votes.items())


if __name__ == "__main__":
    run_study(__file__, {each.title: partial(measure, each) for each in SETS}, table)
