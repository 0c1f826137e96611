"""Run a scikit-learn training job: read channels, search, fit, evaluate, and save."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsgroup_classifier.channels.texts import (
    TEST_FILE,
    TRAIN_FILE,
    Channel,
    channel_file,
    check_channels,
    read_channel,
)
from newsgroup_classifier.shared_hyperparameters import READING, STREAM
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from newsgroup_classifier.text.word_vectors import VECTORS_FILE
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import log_line, log_metrics
from newsgroup_classifier.training.scikit_learn.describing import describe_texts
from newsgroup_classifier.training.scikit_learn.fit_errors import fit_errors
from newsgroup_classifier.training.scikit_learn.fitting import Files, builder_of, train
from newsgroup_classifier.training.scikit_learn.saving import save
from newsgroup_classifier.training.scikit_learn.servable import check_pipeline
from newsgroup_classifier.training.search.searching import SearchResult, Task, search
from newsgroup_classifier.training.search.table import table_lines, write_table
from newsgroup_classifier.training.streaming.job import run_stream


def run_job(arguments: Arguments, sources: Path) -> None:
    """Train with the arguments; `sources` is the folder of the project's packages."""
    if arguments.hyperparameters.get(READING) == STREAM:
        run_stream(arguments, sources)
        return
    recipe, paths = arguments.recipe, arguments.paths
    build = builder_of(recipe)
    check_pipeline(recipe, build(arguments.hyperparameters), sources)
    train_set = read_channel(channel_file(paths.train, TRAIN_FILE))
    test_set = read_channel(channel_file(paths.test, TEST_FILE))
    check_channels(train_set, test_set)
    log_line(f"training {recipe.name} on {len(train_set.texts)} texts")
    files = Files(paths.lexicon / LEXICON_FILE, paths.vectors / VECTORS_FILE)
    arguments, metrics, about = _select(arguments, train_set, files)
    result = train(recipe, arguments.hyperparameters, train_set, test_set, files)
    result = replace(result, metrics={**result.metrics, **metrics})
    log_metrics(result.metrics)
    save(result, arguments, sources, about)
    describe_texts(result, train_set, test_set, arguments)


def _select(
    arguments: Arguments, train_set: Channel, files: Files
) -> tuple[Arguments, dict[str, float], dict[str, Any]]:
    """Search, or only measure on held-out folds, if the hyperparameters say so.

    Return the arguments to train with, their metrics on held-out rows, and a summary of the search.
    """
    recipe, values = arguments.recipe, arguments.hyperparameters
    searches = values.get("search", "none") != "none"
    if not searches and not values.get("folds"):
        return arguments, {}, {}
    task = Task(
        recipe,
        values,
        builder_of(recipe, files),
        train_set.texts,
        train_set.labels,
        train_set.label_names,
        _file_digests(arguments, files) if searches else {},
        train_set.subjects,
    )
    with fit_errors(recipe, "the pipeline"):
        result = search(task, arguments.paths.checkpoints if searches else None)
    metrics = {"validation_accuracy": result.accuracy}
    if not searches:
        return arguments, metrics, {}
    write_table(result.table, arguments.paths.output_data)
    _log(result)
    best = replace(arguments, hyperparameters={**values, **result.best})
    return best, metrics, result.about


def _file_digests(arguments: Arguments, files: Files) -> dict[str, str]:
    """Return the digests of a user's own modules, and of additional channels that are read."""
    reads_vectors = arguments.recipe.reads_vectors(arguments.hyperparameters)
    paths = {
        "lexicon channel": files.lexicon if arguments.recipe.lexicon else None,
        "vectors channel": files.vectors if reads_vectors else None,
    }
    if own := arguments.recipe.own:
        paths |= {f"file {name}": path for name, path in own.files.items()}
    digests = {}
    for name, path in paths.items():
        if path is not None and path.is_file():  # the pipeline refuses a missing file
            with path.open("rb") as file:
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _log(result: SearchResult) -> None:
    about = result.about
    counts = f"{about['candidates']} candidates, {about['different']} of them different"
    log_line(f"search of {counts}, {about['fits']} fits; the best:")
    for line in table_lines(result.table):
        log_line(f"search {line}")
