"""Run a TensorFlow training job: read channels, search, fit, evaluate, and save."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipe import Sizes, TensorFlowRecipe
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.checkpoints import Checkpoints, FitPlan, Progress, job_identity
from newsgroup_classifier.training.examples import read_examples
from newsgroup_classifier.training.keras.cluster import Cluster, join_cluster, lost_worker_errors
from newsgroup_classifier.training.keras.describing import finish
from newsgroup_classifier.training.keras.fitting import Fit, assign
from newsgroup_classifier.training.keras.preparation import Prepared, prepare
from newsgroup_classifier.training.keras.search import (
    log_search,
    read_search,
    search_grid,
    write_search,
)
from newsgroup_classifier.training.output import log_line


@dataclass(frozen=True)
class Job:
    """The recipe to train, its hyperparameters, the machines, and the folder of checkpoints."""

    recipe: TensorFlowRecipe
    hyperparameters: Hyperparameters
    cluster: Cluster
    checkpoints: Path


def fit(job: Job, prepared: Prepared, data: str) -> tuple[keras.Model, Progress]:
    """Fit the recipe's network; return it with the saved weights, outside of the cluster.

    `data` is the digest of the train channel, which a checkpoint must match.
    """
    with job.cluster.strategy.scope():
        model = _build(job, prepared)
    identity = identity_of(job, data)
    fitting = Fit(model, FitPlan.from_hyperparameters(job.hyperparameters), job.cluster)
    progress = fitting.run(
        prepared.train, prepared.validation, Checkpoints(job.checkpoints, identity)
    )
    content = b"".join(np.ascontiguousarray(array).tobytes() for array in fitting.best)
    log_line(f"weights sha256={hashlib.sha256(content).hexdigest()}")
    local = _build(job, prepared)
    assign(local.weights, fitting.best)
    return local, progress


def identity_of(job: Job, data: str) -> dict[str, str]:
    """Return the values that identify a job; a checkpoint must match them."""
    return job_identity(job.recipe.name, job.hyperparameters, {"train channel": data})


def search(job: Job, prepared: Prepared, data: str, folder: Path) -> Job:
    """Return the job with the best epochs and batch size, if the hyperparameters ask for a search.

    The table is printed and written to a folder, and saved in case the job is interrupted later.
    """
    network = job.recipe.search_network
    if network is None or job.hyperparameters.get("search", "none") == "none":
        return job
    if job.cluster.workers > 1:
        raise HyperparameterError(
            "hyperparameter search is 'grid', but the job has several instances. Search on one "
            "instance, and train on several with the best values and search=none."
        )
    checkpoint, identity = job.checkpoints / "search.json", identity_of(job, data)
    table = read_search(checkpoint, identity)
    if table is None:
        sizes = _sizes(job, prepared)
        table = search_grid(network, job.hyperparameters, prepared.train, sizes)
        write_search(checkpoint, identity, table)
    log_search(table, folder)
    best = {name: int(table[0][name]) for name in ("epochs", "batch_size")}
    return replace(job, hyperparameters={**job.hyperparameters, **best})


def _sizes(job: Job, prepared: Prepared) -> Sizes:
    tokens = prepared.encoder.size if prepared.encoder else 0
    rows, batch = len(prepared.train.labels), int(job.hyperparameters["batch_size"])
    return Sizes(tokens, len(prepared.label_names), steps=math.ceil(rows / batch))


def _build(job: Job, prepared: Prepared) -> keras.Model:
    keras.utils.set_random_seed(int(job.hyperparameters["seed"]))
    return job.recipe.network(job.hyperparameters, _sizes(job, prepared))


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
            trained = replace(arguments, hyperparameters=job.hyperparameters)
            finish(fitted, prepared, (train_set, test_set), trained, sources)
        cluster.meet()
