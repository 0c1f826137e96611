"""Evaluate a trained model on a channel: the program of a processing job.

    python -m newsgroup_classifier.training.evaluate_model

The job provides the archive of the model and the channel, and stores metrics.json and the plots.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from newsgroup_classifier.artifacts import SAVED_MODEL, load_manifest, sha256_of
from newsgroup_classifier.errors import ArtifactError, DataError, name_list
from newsgroup_classifier.evaluation.metrics import Scores, classification_metrics
from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.recommender import load_recommender
from newsgroup_classifier.training.environment import (
    CHANNEL_FILE,
    MODEL_SHA256,
    PROCESSING,
    training_paths,
)
from newsgroup_classifier.training.examples import Examples, read_channel_file
from newsgroup_classifier.training.output import log_line, log_metrics, write_metrics
from newsgroup_classifier.training.program import run_program

ARCHIVE = "model.tar.gz"
MESSAGE = Path("/opt/ml/output/message")  # becomes the ExitMessage of the job


@dataclass(frozen=True)
class Folders:
    """The folders of the job: the archive of the model, the channel, and the output."""

    model: Path = Path(PROCESSING) / "model"
    channel: Path = Path(PROCESSING) / "channel"
    output: Path = Path(PROCESSING) / "evaluation"


def evaluate(folders: Folders, environ: Mapping[str, str]) -> dict[str, float]:
    """Write the metrics and the plots of a model on a channel; return the metrics.

    Nothing is unpacked from an archive that has another sha256 than the registered one.
    """
    archive, expected = folders.model / ARCHIVE, environ[MODEL_SHA256]
    if (actual := sha256_of(archive)) != expected:
        raise ArtifactError(
            f"{ARCHIVE} was replaced after it was registered: expected sha256 {expected}, found "
            f"{actual}. Train and register the model again."
        )
    examples = read_channel_file(folders.channel, environ[CHANNEL_FILE])
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
        scores = scores_of(Path(folder), examples)
    metrics = classification_metrics(scores.labels, scores.predicted) | {"rows": len(examples)}
    log_metrics(metrics)
    write_metrics(metrics, folders.output)
    # Importing Matplotlib takes half a second, which a job with an invalid channel can save.
    from newsgroup_classifier.evaluation.plots import save_score_plots

    for name in save_score_plots(scores, folders.output):
        log_line(f"plot {name}")
    return metrics


def scores_of(folder: Path, examples: Examples) -> Scores:
    """Return the scores of an artifact's model, which matches the labels by their names.

    Raise DataError if the examples have a label that the model does not know.
    """
    names = load_manifest(folder).label_names
    unknown = sorted({name for name in examples.label_names if name and name not in names})
    if unknown:
        raise DataError(
            f"the channel has labels that the model does not know: {name_list(unknown)}; expected "
            "only labels that it was trained with."
        )
    predicted, probabilities = _predictions(folder, examples)
    numbers = {name: number for number, name in enumerate(names)}
    return Scores(
        labels=[numbers[examples.label_names[label]] for label in examples.labels],
        predicted=predicted,
        probabilities=probabilities,
        label_names=names,
        inputs="texts" if examples.images is None else "images",
    )


def _predictions(folder: Path, examples: Examples) -> tuple[list[int], np.ndarray]:
    """Return the predicted label numbers (n) and the probabilities (n, k) of n examples."""
    if (folder / SAVED_MODEL).is_dir():
        # Only the images of TensorFlow have it.
        from newsgroup_classifier.training.keras.result import saved_model_probabilities

        probabilities = saved_model_probabilities(folder, examples)
        return probabilities.argmax(axis=1).tolist(), probabilities
    model = load_recommender(folder)
    estimator, classes = model.classifier.estimator, model.classifier.classes
    features = feature_matrix(model.transformers.transform(examples.texts))
    predicted = classes.labels(estimator.predict(features))
    return predicted, classes.in_label_order(estimator.predict_proba(features))


def main() -> int:
    """Evaluate the model of the job; return the exit code."""
    environ = {**os.environ, "SM_OUTPUT_DATA_DIR": str(MESSAGE.parent / "data")}
    code = run_program(lambda: _work(environ), environ)
    failure = training_paths(environ).failure
    if code and failure.is_file():
        shutil.copyfile(failure, MESSAGE)
    return code


def _work(environ: Mapping[str, str]) -> None:
    evaluate(Folders(), environ)


if __name__ == "__main__":
    sys.exit(main())
