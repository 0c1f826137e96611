"""Train TensorFlow recipes in this process, as their training jobs do, on the real data sets."""

import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.study import Candidate
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.datasets.catalogue import load_dataset
from newsgroup_classifier.recipe import TensorFlowRecipe
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.training.examples import Examples

if TYPE_CHECKING:
    from newsgroup_classifier.training.keras.result import TrainingResult


@dataclass(frozen=True)
class Trained:
    """The result of a training, and the time from raw examples to the fitted network."""

    result: "TrainingResult"
    seconds: float
    cpu_seconds: float


@cache
def examples(name: str) -> tuple[Examples, Examples]:
    """Return the train and test examples of a data set, as in its channels."""
    dataset = load_dataset(name)
    if isinstance(dataset, Dataset):
        names = dict(zip(dataset.train["label"], dataset.train["label_names"], strict=True))
        label_names = tuple(names[number] for number in sorted(names))
        parts = [
            Examples(
                frame["label"].to_numpy("int64"),
                label_names,
                frame["data"].tolist(),
                groups=frame["data_subject"].tolist(),
            )
            for frame in (dataset.train, dataset.test)
        ]
    else:
        parts = [
            Examples(np.array(one.labels, "int64"), one.label_names, images=one.images)
            for one in (dataset.train, dataset.test)
        ]
    return parts[0], parts[1]


def train(candidate: Candidate, train_set: Examples, test_set: Examples) -> Trained:
    """Train a recipe on some examples and measure it on others."""
    # TensorFlow takes seconds to import, and the tables of finished studies do not need it.
    from newsgroup_classifier.training.keras.cluster import join_cluster
    from newsgroup_classifier.training.keras.job import Job, fit, search
    from newsgroup_classifier.training.keras.preparation import prepare
    from newsgroup_classifier.training.keras.result import measure

    recipe, values = TensorFlowRecipe.of(find_recipe(candidate.recipe)), candidate.values()
    with tempfile.TemporaryDirectory() as folder:
        job = Job(recipe, values, join_cluster({}), Path(folder))
        data = train_set.digest()
        began, began_cpu = time.perf_counter(), time.process_time()
        prepared = prepare(recipe, values, train_set)
        job = search(job, prepared, data, Path(folder))
        fitted = fit(job, prepared, data)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    return Trained(measure(fitted, prepared, test_set), seconds, cpu_seconds)
