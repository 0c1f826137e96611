"""Evaluate a fitted network, write its artifact and metrics, and score with an artifact."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from newsgroup_classifier import artifacts
from newsgroup_classifier.evaluation.metrics import Scores, classification_metrics
from newsgroup_classifier.evaluation.quality import accuracy_warnings, text_warnings
from newsgroup_classifier.export.saved_model import (
    DEFAULT,
    OUTPUT,
    Sample,
    check_saved_model,
    write_saved_model,
)
from newsgroup_classifier.text.encoders import Encoder, read_encoder, write_encoder
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.checkpoints import Progress
from newsgroup_classifier.training.examples import Examples, batches
from newsgroup_classifier.training.keras.fitting import predict
from newsgroup_classifier.training.keras.preparation import Prepared
from newsgroup_classifier.training.output import report_warnings, write_metrics
from newsgroup_classifier.training.vendored import vendored_packages

_CHECKED = 100  # test examples with which an export is checked
_BATCH = 500  # examples that a SavedModel scores at once


@dataclass(frozen=True)
class TrainingResult:
    """A fitted network with its encoder, progress, metrics, scores, and warnings about it."""

    model: keras.Model
    encoder: Encoder | None
    progress: Progress
    metrics: dict[str, float]
    scores: Scores
    warnings: list[str]


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
        "train_rows": len(prepared.train.labels),
        "train_validated": len(prepared.validation.labels),
        "train_epochs": progress.epoch,
        "train_best_epoch": progress.best_epoch,
    }
    warnings = accuracy_warnings(metrics["accuracy"], Counter(scores.labels), scores.inputs)
    if prepared.encoder:
        parts = (prepared.train, prepared.validation)
        empty = sum(part.rows.empty for part in parts)
        texts = sum(len(part.labels) for part in parts)
        warnings = [*text_warnings(empty, prepared.blank, texts, least_lines=1), *warnings]
    return TrainingResult(model, prepared.encoder, progress, metrics, scores, warnings)


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
    check_saved_model(saved, result.model, sample)
    about: dict[str, Any] = {
        "recipe": recipe.name,
        "label_names": result.scores.label_names,
        "hyperparameters": dict(arguments.hyperparameters),
        "metrics": result.metrics,
        "warnings": [*arguments.warnings, *result.warnings],
    }
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
    extras = artifacts.Extras(vendored_packages(recipe), versions)
    artifacts.save_artifact(folder, objects, about, sources, extras)
    write_metrics(result.metrics, arguments.paths.output_data)
    report_warnings(about["warnings"], arguments.paths.output_data)


def saved_model_probabilities(folder: Path, examples: Examples) -> np.ndarray:
    """Return the probabilities (n, k) of n examples by the SavedModel of an artifact folder."""
    vocabulary = folder / artifacts.VOCABULARY
    encoder = read_encoder(vocabulary.read_bytes()) if vocabulary.is_file() else None
    # Signatures do not keep it alive.
    loaded = tf.saved_model.load(str(folder / artifacts.SAVED_MODEL))
    run, parts = loaded.signatures[DEFAULT], []
    for batch in batches(examples.rows(encoder), _BATCH):
        tensors = {name: tf.constant(array) for name, array in batch.items()}
        parts.append(np.asarray(run(**tensors)[OUTPUT]))
    return np.concatenate(parts)
