"""The second container: features in, labels and probabilities out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from inference_pipeline.answers import Prediction, write_predictions
from inference_pipeline.content_types import FEATURES, answer_type, request_type
from inference_pipeline.sparse_rows import decode_rows
from inference_pipeline.stages import answers_rejections, carries_rejections
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import RequestError


@dataclass(frozen=True)
class Classifier:
    """A fitted estimator and the names of its labels, by label number."""

    estimator: Any
    label_names: tuple[str, ...]


def model_fn(model_dir: str) -> Classifier:
    """Load the fitted estimator; the container calls it once a worker."""
    folder = Path(model_dir)
    manifest = artifacts.load_manifest(folder)
    estimator = artifacts.load_object(folder, manifest, artifacts.MODEL)
    _lay_out_for_rows(estimator)
    return Classifier(estimator, manifest.label_names)


def _lay_out_for_rows(estimator: Any) -> None:
    """Store weights (k classes, n features) by column, so that no request copies them.

    scikit-learn multiplies rows by the transposed weights, and scipy copies an array that is not
    contiguous: 14 MB a call for 86,000 features. The values, and so the answers, stay the same.
    """
    for name in ("feature_log_prob_", "coef_"):
        if hasattr(estimator, name):
            setattr(estimator, name, np.asfortranarray(getattr(estimator, name)))


@carries_rejections
def input_fn(body: bytes, content_type: str) -> csr_matrix:
    """Read the features that the first container wrote."""
    request_type(content_type, (FEATURES,))
    return decode_rows(body)


@carries_rejections
def predict_fn(features: csr_matrix, model: Classifier) -> list[Prediction]:
    """Return a prediction for each of n rows; an empty row gets the model's prior."""
    expected = model.estimator.n_features_in_
    if features.shape[1] != expected:
        raise RequestError(f"the rows have {features.shape[1]} features; expected {expected}")
    estimator, scored = model.estimator, features
    if hasattr(estimator, "steps"):  # a pipeline: labels and probabilities share its first steps
        estimator, scored = estimator[-1], estimator[:-1].transform(features)
    labels = estimator.predict(scored)
    rows = estimator.predict_proba(scored)
    names = model.label_names
    return [
        Prediction(names[label], dict(zip(names, row, strict=True)))
        for label, row in zip(labels.tolist(), rows.tolist(), strict=True)
    ]


@answers_rejections
def output_fn(predictions: list[Prediction], accept: str) -> tuple[str, str]:
    """Answer the predictions in the type that the client accepts."""
    content_type = answer_type(accept)
    return write_predictions(predictions, content_type), content_type
