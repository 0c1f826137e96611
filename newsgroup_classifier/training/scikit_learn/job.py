"""A training job of scikit-learn: read, search, fit, measure, and save what serves."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from newsgroup_classifier.agreement import check_agreement
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
from newsgroup_classifier.text.tokens import cloud_words
from newsgroup_classifier.text.word_vectors import VECTORS_FILE
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import log_line, log_metrics, write_plots
from newsgroup_classifier.training.scikit_learn.fitting import (
    Files,
    builder_of,
    data_errors,
    train,
)
from newsgroup_classifier.training.scikit_learn.saving import save
from newsgroup_classifier.training.search.searching import SearchResult, Task, search
from newsgroup_classifier.training.search.table import table_lines, write_table
from newsgroup_classifier.training.streaming.job import run_stream


@dataclass(frozen=True)
class Chosen:
    """What is trained with, how good it was on held-out rows, and how it was found."""

    arguments: Arguments
    metrics: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


def run_job(arguments: Arguments, sources: Path) -> None:
    """Train as the arguments say; `sources` is the folder that holds the project's packages."""
    if arguments.hyperparameters.get(READING) == STREAM:
        run_stream(arguments, sources)
        return
    recipe, paths = arguments.recipe, arguments.paths
    builder_of(recipe)
    check_agreement(recipe, arguments.hyperparameters)
    train_set = read_channel(channel_file(paths.train, TRAIN_FILE))
    test_set = read_channel(channel_file(paths.test, TEST_FILE))
    check_channels(train_set, test_set)
    log_line(f"training {recipe.name} on {len(train_set.texts)} texts")
    files = Files(paths.lexicon / LEXICON_FILE, paths.vectors / VECTORS_FILE)
    chosen = choose(arguments, train_set, files)
    arguments = chosen.arguments
    result = train(recipe, arguments.hyperparameters, train_set, test_set, files)
    result = replace(result, metrics={**result.metrics, **chosen.metrics})
    log_metrics(result.metrics)
    save(result, arguments, sources, chosen.about)
    words = cloud_words(result.token_counts)
    write_plots(result.scores, train_set.labels, words, paths.output_data)


def choose(arguments: Arguments, train_set: Channel, files: Files) -> Chosen:
    """Search if it is asked, and hold out folds if there are some; return what to train with."""
    recipe, values = arguments.recipe, arguments.hyperparameters
    searches = values.get("search", "none") != "none"
    if not searches and not values.get("folds"):
        return Chosen(arguments)
    task = Task(
        recipe,
        values,
        builder_of(recipe, files),
        train_set.texts,
        train_set.labels,
        train_set.label_names,
        _further(arguments, files) if searches else {},
    )
    with data_errors(recipe):
        found = search(task, arguments.paths.checkpoints if searches else None)
    metrics = {"validation_accuracy": found.accuracy}
    if not searches:
        return Chosen(arguments, metrics)
    write_table(found.table, arguments.paths.output_data)
    _log(found)
    best = replace(arguments, hyperparameters={**values, **found.best})
    return Chosen(best, metrics, found.about)


def _further(arguments: Arguments, files: Files) -> dict[str, str]:
    """Return the digests of the files beside the train channel that a recipe is fitted with."""
    recipe = arguments.recipe
    read = {
        "lexicon channel": files.lexicon if recipe.lexicon else None,
        "vectors channel": (
            files.vectors if recipe.reads_vectors(arguments.hyperparameters) else None
        ),
    }
    found = {}
    for name, path in read.items():
        if path is not None and path.is_file():  # a missing one is the pipeline's to refuse
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _log(result: SearchResult) -> None:
    about = result.about
    counts = f"{about['candidates']} candidates, {about['different']} of them different"
    log_line(f"search of {counts}, {about['fits']} fits; the best:")
    for line in table_lines(result.table):
        log_line(f"search {line}")
