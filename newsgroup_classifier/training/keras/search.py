"""Search epochs and batch size of a dense network with scikit-learn's GridSearchCV.

The encoder is fitted once for all folds, on the rows to train on. The test channel is not used.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.errors import DataError, counted
from newsgroup_classifier.hyperparameters import Hyperparameters, whole_numbers
from newsgroup_classifier.recipe import Sizes
from newsgroup_classifier.training.examples import Labeled
from newsgroup_classifier.training.output import log_line
from newsgroup_classifier.training.search.table import Row, ranked, scored, table_lines, write_table

Build = Callable[[Hyperparameters, Sizes], keras.Model]


def search_grid(
    build: Build, hyperparameters: Hyperparameters, train: Labeled, sizes: Sizes
) -> list[Row]:
    """Return the mean accuracy of every point of the grid over the folds, best first."""
    seed, folds = int(hyperparameters["seed"]), int(hyperparameters["folds"])
    fewest = int(np.bincount(train.labels).min())
    if fewest < folds:
        raise DataError(
            f"a label has {counted(fewest, 'row')} to train on, and the search has {folds} folds; "
            "expected a row of every label in each fold. Upload more rows, or lower folds."
        )
    keras.utils.set_random_seed(seed)
    grid = [
        {"epochs": epochs, "batch_size": batch, "verbose": 0}
        for epochs in whole_numbers(hyperparameters["search_epochs"])
        for batch in whole_numbers(hyperparameters["search_batches"])
    ]

    def network(**_rows_and_labels: Any) -> keras.Model:
        return build(hyperparameters, sizes)

    classifier = keras.wrappers.SKLearnClassifier(network)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    points = {"fit_kwargs": grid}
    search = GridSearchCV(classifier, points, cv=splitter, refit=False, error_score="raise")
    keras.config.disable_interactive_logging()  # the wrapper's predict() prints bars
    try:
        search.fit(dense_rows(train, sizes.tokens), train.labels)
    finally:
        keras.config.enable_interactive_logging()
    return ranked(_row(search.cv_results_, index, folds) for index in range(len(grid)))


def _row(results: Mapping[str, Any], index: int, folds: int) -> Row:
    options = results["param_fit_kwargs"][index]
    names = ("mean_test_score", "std_test_score", "mean_fit_time")
    mean, deviation, seconds = (float(results[name][index]) for name in names)
    point = {"epochs": options["epochs"], "batch_size": options["batch_size"]}
    return point | scored(mean, deviation, folds, seconds)


def dense_rows(train: Labeled, size: int) -> np.ndarray:
    """Return rows of token ids and weights as a dense array with `size` columns."""
    every = train.rows.take(np.arange(len(train.labels)))
    dense = np.zeros((len(train.labels), size), dtype="float32")
    np.put_along_axis(dense, every["tokens"].astype("int64"), every["weights"], axis=1)
    dense[:, 0] = 0.0  # the column of padding
    return dense


def log_search(table: list[Row], folder: Path) -> None:
    """Print the table, and write it to the output data folder."""
    write_table(table, folder)
    for line in table_lines(table):
        log_line(f"search {line}")


def read_search(path: Path, job: Mapping[str, str]) -> list[Row] | None:
    """Return the table of a search that the same job finished before it was interrupted."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return (list(content["table"]) or None) if content["job"] == dict(job) else None
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        return None  # missing or damaged: search again


def write_search(path: Path, job: Mapping[str, str], table: list[Row]) -> None:
    """Save the table, in case the job is interrupted later."""
    with atomic_write(path) as part:
        part.write_text(json.dumps({"job": dict(job), "table": table}), encoding="utf-8")
