"""Run a TensorFlow training job: read channels, search, fit, evaluate, and save."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.evaluation.metrics import Scores, classification_metrics
from newsgroup_classifier.export.saved_model import Sample, check_saved_model, write_saved_model
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import Sizes, TensorFlowRecipe
from newsgroup_classifier.text.encoders import Encoder, write_encoder
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.checkpoints import Checkpoints, job_identity
from newsgroup_classifier.training.examples import Examples, read_examples
from newsgroup_classifier.training.keras.cluster import Cluster, join_cluster, lost_worker_errors
from newsgroup_classifier.training.keras.fitting import Fit, Labeled, Split, assign, predict
from newsgroup_classifier.training.keras.search import (
    log_search,
    read_search,
    search_grid,
    write_search,
)
from newsgroup_classifier.training.output import log_line, log_metrics, write_metrics, write_plots
from newsgroup_classifier.training.progress import FitPlan, Progress
from newsgroup_classifier.training.validation_split import balanced, split_by_class, split_by_group
from newsgroup_classifier.training.vendored import vendored_packages

_CHECKED = 100  # test examples with which an export is checked
Hyperparameters = Mapping[str, Value]


@dataclass(frozen=True)
class Job:
    """The recipe to train, its hyperparameters, the machines, and the folder of checkpoints."""

    recipe: TensorFlowRecipe
    hyperparameters: Hyperparameters
    cluster: Cluster
    checkpoints: Path


@dataclass(frozen=True)
class Prepared:
    """The encoded and split train channel, its encoder, and the names of all labels."""

    split: Split
    encoder: Encoder | None
    label_names: tuple[str, ...]


@dataclass(frozen=True)
class TrainingResult:
    """A fitted network with its encoder, progress, metrics, and scores."""

    model: keras.Model
    encoder: Encoder | None
    progress: Progress
    metrics: dict[str, float]
    scores: Scores


def prepare(
    recipe: TensorFlowRecipe, hyperparameters: Hyperparameters, train_set: Examples
) -> Prepared:
    """Split the train channel, and fit the encoder on the rows to train on."""
    seed = int(hyperparameters["seed"])
    if hyperparameters.get("balance") == "smallest":
        train_set = train_set.select(balanced(train_set.labels.tolist(), seed))
    labels, share = train_set.labels.tolist(), float(hyperparameters["validation_split"])
    if recipe.grouped:
        parts = split_by_group(labels, train_set.groups, share, seed)
    else:
        parts = split_by_class(labels, share, seed)
    train, validation = (train_set.select(part) for part in parts)
    encoder = recipe.encoder(hyperparameters).fit(train.texts) if recipe.encoder else None
    split = Split(*(Labeled(each.rows(encoder), each.labels) for each in (train, validation)))
    return Prepared(split, encoder, train_set.label_names)


def fit(job: Job, prepared: Prepared, data: str) -> tuple[keras.Model, Progress]:
    """Fit the recipe's network; return it with the saved weights, outside of the cluster.

    `data` is the digest of the train channel, which a checkpoint must have to be used.
    """
    with job.cluster.strategy.scope():
        model = _build(job, prepared)
    identity = identity_of(job, data)
    fitting = Fit(model, FitPlan.from_hyperparameters(job.hyperparameters), job.cluster)
    progress = fitting.run(prepared.split, Checkpoints(job.checkpoints, identity))
    content = b"".join(np.ascontiguousarray(array).tobytes() for array in fitting.best)
    log_line(f"weights sha256={hashlib.sha256(content).hexdigest()}")
    local = _build(job, prepared)
    assign(local.weights, fitting.best)
    return local, progress


def identity_of(job: Job, data: str) -> dict[str, str]:
    """Return the named values that a checkpoint must have to be used."""
    return job_identity(job.recipe.name, job.hyperparameters, {"train channel": data})


def search(job: Job, prepared: Prepared, data: str, folder: Path) -> Job:
    """Return the job with the best epochs and batch size, if the hyperparameters ask for a search.

    The table is printed and written to a folder, and saved in case the job is interrupted later.
    """
    if job.hyperparameters.get("search") != "grid":
        return job
    if job.cluster.workers > 1:
        raise HyperparameterError(
            "hyperparameter search is 'grid', but the job has several instances. Search on one "
            "instance, and train on several with the best values and search=none."
        )
    checkpoint, identity = job.checkpoints / "search.json", identity_of(job, data)
    table = read_search(checkpoint, identity)
    if table is None:
        table = search_grid(job.hyperparameters, prepared.split.train, _sizes(job, prepared))
        write_search(checkpoint, identity, table)
    log_search(table, folder)
    best = {name: int(table[0][name]) for name in ("epochs", "batch_size")}
    return replace(job, hyperparameters={**job.hyperparameters, **best})


def _sizes(job: Job, prepared: Prepared) -> Sizes:
    tokens = prepared.encoder.size if prepared.encoder else 0
    rows, batch = len(prepared.split.train.labels), int(job.hyperparameters["batch_size"])
    return Sizes(tokens, len(prepared.label_names), steps=math.ceil(rows / batch))


def _build(job: Job, prepared: Prepared) -> keras.Model:
    keras.utils.set_random_seed(int(job.hyperparameters["seed"]))
    return job.recipe.network(job.hyperparameters, _sizes(job, prepared))


def measure(
    fitted: tuple[keras.Model, Progress], prepared: Prepared, test_set: Examples
) -> TrainingResult:
    """Evaluate a fitted network on the test channel."""
    model, progress = fitted
    probabilities = predict(model, test_set.rows(prepared.encoder))
    scores = Scores(
        labels=test_set.labels.tolist(),
        predicted=probabilities.argmax(axis=1).tolist(),
        probabilities=probabilities,
        label_names=prepared.label_names,  # the test channel may lack some
        inputs="texts" if prepared.encoder else "images",
    )
    metrics = classification_metrics(scores.labels, scores.predicted) | {
        "train_rows": len(prepared.split.train.labels),
        "train_validated": len(prepared.split.validation.labels),
        "train_epochs": progress.epoch,
        "train_best_epoch": progress.best_epoch,
    }
    return TrainingResult(model, prepared.encoder, progress, metrics, scores)


def save(result: TrainingResult, arguments: Arguments, test_set: Examples, sources: Path) -> None:
    """Write the artifact to the model folder, and metrics.json to the output data folder."""
    recipe, folder = arguments.recipe, arguments.paths.model
    objects: dict[str, Any] = {}
    if result.encoder is not None:
        objects[artifacts.VOCABULARY] = write_encoder(result.encoder)
    folder.mkdir(parents=True, exist_ok=True)
    saved = folder / artifacts.SAVED_MODEL
    write_saved_model(result.model, result.encoder if recipe.takes_strings else None, saved)
    few = test_set.select(np.arange(min(_CHECKED, len(test_set))))
    inputs = few.rows(result.encoder).take(np.arange(len(few)))
    sample = Sample(inputs, few.texts, few.images)
    check_saved_model(saved, result.scores.probabilities[: len(few)], sample)
    about: dict[str, Any] = {
        "recipe": recipe.name,
        "label_names": result.scores.label_names,
        "hyperparameters": dict(arguments.hyperparameters),
        "metrics": result.metrics,
    }
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
    extras = artifacts.Extras(vendored_packages(recipe), versions)
    artifacts.save_artifact(folder, objects, about, sources, extras)
    write_metrics(result.metrics, arguments.paths.output_data)


def describe(
    result: TrainingResult, train_labels: np.ndarray, test_set: Examples, arguments: Arguments
) -> None:
    """Write the plots and the summary of the network to the output data folder."""
    # Importing Matplotlib takes half a second, which a job with an invalid channel can save.
    from newsgroup_classifier.evaluation.learning_curves import plot_examples, plot_learning_curves

    folder, progress = arguments.paths.output_data, result.progress
    write_plots(result.scores, train_labels.tolist(), {}, folder)
    saved = progress.saved_epoch(FitPlan.from_hyperparameters(arguments.hyperparameters))
    plot_learning_curves(progress.history, saved, folder / "learning_curves.png")
    log_line("plot learning_curves.png")
    if test_set.images is not None:
        plot_examples(test_set.images, result.scores, folder / "examples.png")
        log_line("plot examples.png")
    lines: list[str] = []
    result.model.summary(print_fn=lambda line, **_: lines.append(line))
    (folder / "model_summary.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_job(arguments: Arguments, environ: Mapping[str, str], sources: Path) -> None:
    """Train with the arguments; of several workers, only the chief evaluates and saves."""
    recipe, paths = TensorFlowRecipe.of(arguments.recipe), arguments.paths
    cluster = join_cluster(environ)
    train_set, test_set = read_examples(recipe, paths.train, paths.test)
    log_line(f"training {recipe.name} on {len(train_set)} {recipe.inputs}")
    job = Job(recipe, arguments.hyperparameters, cluster, paths.checkpoints)
    prepared = prepare(recipe, job.hyperparameters, train_set)
    with lost_worker_errors(cluster):
        data = train_set.digest()
        job = search(job, prepared, data, paths.output_data)
        fitted = fit(job, prepared, data)
        if cluster.is_chief:
            result = measure(fitted, prepared, test_set)
            log_metrics(result.metrics)
            trained = replace(arguments, hyperparameters=job.hyperparameters)
            save(result, trained, test_set, sources)
            describe(result, train_set.labels, test_set, trained)
        cluster.meet()
