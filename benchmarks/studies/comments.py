"""Search comments-mlp on the Reddit comments: the whole grid, and successive halving.

    DATASETS_DIR=<folder> python -m benchmarks.studies.comments

The rows are stored in comments.json; the table is comments.md. An interrupted search resumes: its
fits are saved in the cache of the data sets until it ends. It takes a quarter of an hour on two
cores.
"""

import shutil
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from benchmarks.studies.study import run_study
from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.datasets.reddit_comments import load_reddit_comments
from newsgroup_classifier.datasets.sources.location import cache_dir
from newsgroup_classifier.recipes.catalogue import find_recipe, preset_values
from newsgroup_classifier.training.scikit_learn.fitting import builder_of, train
from newsgroup_classifier.training.search.searching import Task, search

RECIPE = "comments-mlp"
SEARCHES = ("grid", "halving")
_NAMES = ("activation", "alpha", "learning_rate", "solver")
_METRICS = ("accuracy", "weighted_precision", "weighted_recall", "weighted_f1")
_HEAD = """# The grid of `comments-mlp`

Written by `python -m benchmarks.studies.comments`: the 108 candidates of the recipe's search space,
each fitted on five stratified folds (shuffled, seed 0) of the train channel of {rows:,} Reddit
comments, of which the larger class is {larger:.4f}. Only `sgd` reads the schedule `learning_rate`,
so {different} candidates are different and were fitted; the others share their results. The
deviation is over the folds, and the standard error is that of their mean. Seconds are CPU seconds
for one fit of the network.

"""


@cache
def channels() -> tuple[Channel, Channel]:
    """Return the channels of the comments."""
    dataset = load_reddit_comments()
    names = tuple(sorted(set(dataset.train["label_names"])))
    train_set, test_set = (
        Channel(frame["data"].tolist(), frame["label"].tolist(), names)
        for frame in (dataset.train, dataset.test)
    )
    return train_set, test_set


def larger_class() -> float:
    """Return the share of the larger class in the train channel."""
    labels = channels()[0].labels
    return max(labels.count(label) for label in set(labels)) / len(labels)


def measured(name: str) -> dict[str, Any]:
    """Search with one strategy; return the result, and the test metrics of the best candidate."""
    recipe, (train_set, test_set) = find_recipe(RECIPE), channels()
    values = preset_values(recipe, "grid") | {"search": name}
    build = builder_of(recipe)
    task = Task(recipe, values, build, train_set.texts, train_set.labels, train_set.label_names)
    fits = cache_dir() / "studies" / RECIPE / name
    result = search(task, fits)
    shutil.rmtree(fits)  # otherwise, nothing would be measured again
    values = preset_values(recipe, "grid") | result.best
    metrics = train(recipe, values, train_set, test_set).metrics
    return {
        "best": result.best,
        "about": result.about,
        "test": {name: metrics[name] for name in _METRICS},
        "table": result.table,
    }


def table(done: Mapping[str, Any]) -> str:
    """Return the document."""
    grid, halving = (done[name] for name in SEARCHES)
    different = grid["about"]["different"]
    head = _HEAD.format(rows=done["rows"], larger=done["larger"], different=different)
    parts = [head, _results(done), _halving(grid, halving), "## All candidates\n\n", _rows(grid)]
    return "".join(parts)


def _results(done: Mapping[str, Any]) -> str:
    lines = [
        "| search | best candidate | folds' accuracy | standard error | test accuracy | precision "
        "| recall | F1 | fits | CPU seconds |\n|" + "---|" * 10 + "\n"
    ]
    for name in SEARCHES:
        row = done[name]
        best = ", ".join(str(row["best"][key]) for key in _NAMES)
        about = row["about"]
        figures = [about["accuracy"], about["standard_error"], *row["test"].values()]
        cells = [name, best, *(f"{figure:.4f}" for figure in figures)]
        cells += [str(about["fits"]), f"{about['fit_seconds']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |\n")
    note = "Precision, recall and F1 are weighted by class. Seconds are the sum over all fits."
    return "".join(lines) + f"\n{note}\n\n"


def _halving(grid: Mapping[str, Any], halving: Mapping[str, Any]) -> str:
    """Return the rounds of successive halving, and the rank of its candidate in the grid."""
    rounds = ", ".join(f"{count} on {rows:,}" for count, rows in halving["about"]["rounds"])
    choice = next(
        row for row in grid["table"] if all(row[key] == halving["best"][key] for key in _NAMES)
    )
    below = grid["about"]["accuracy"] - choice["accuracy"]
    ratio = grid["about"]["fit_seconds"] / halving["about"]["fit_seconds"]
    return (
        f"Successive halving compares {rounds} rows. It needs {ratio:.1f} times less fitting than "
        f"the grid. On all rows its candidate has rank {choice['rank']} of the grid with "
        f"{choice['accuracy']:.4f}, which is {below:.4f} below the best; the standard error of the "
        f"best is {grid['about']['standard_error']:.4f}.\n\n"
    )


def _rows(grid: Mapping[str, Any]) -> str:
    figures = ("accuracy", "deviation", "standard_error")
    columns = ("rank", *_NAMES, *figures, "seconds")
    lines = ["| " + " | ".join(columns) + " |\n|" + "---|" * len(columns) + "\n"]
    for row in grid["table"]:
        cells = [str(row[name]) for name in ("rank", *_NAMES)]
        cells += [f"{row[name]:.4f}" for name in figures] + [f"{row['seconds']:.2f}"]
        lines.append("| " + " | ".join(cells) + " |\n")
    return "".join(lines)


if __name__ == "__main__":
    run_study(
        __file__,
        {
            "rows": lambda: len(channels()[0].labels),
            "larger": larger_class,
            **{name: partial(measured, name) for name in SEARCHES},
        },
        table,
    )
