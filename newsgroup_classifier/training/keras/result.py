"""Evaluate a fitted network, and write its artifact and metrics."""

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
from newsgroup_classifier.export.saved_model import Sample, check_saved_model, write_saved_model
from newsgroup_classifier.text.encoders import Encoder, write_encoder
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.examples import Examples
from newsgroup_classifier.training.keras.fitting import Labeled, predict
from newsgroup_classifier.training.keras.preparation import Prepared
from newsgroup_classifier.training.output import report_warnings, write_metrics
from newsgroup_classifier.training.progress import Progress
from newsgroup_classifier.training.vendored import vendored_packages

_CHECKED = 100  # test examples with which an export is checked


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
        "train_rows": len(prepared.split.train.labels),
        "train_validated": len(prepared.split.validation.labels),
        "train_epochs": progress.epoch,
        "train_best_epoch": progress.best_epoch,
    }
    warnings = accuracy_warnings(metrics["accuracy"], Counter(scores.labels), scores.inputs)
    if prepared.encoder:
        parts = (prepared.split.train, prepared.split.validation)
        empty, texts = (sum(values) for values in zip(*map(_sizes, parts), strict=True))
        warnings = [*text_warnings(empty, prepared.blank, texts, least_lines=1), *warnings]
    return TrainingResult(model, prepared.encoder, progress, metrics, scores, warnings)


def _sizes(part: Labeled) -> tuple[int, int]:
    """Return the number of empty rows and of all rows."""
    return part.rows.empty, len(part.labels)


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
