"""The second container: features in, labels and probabilities out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference_pipeline.answers import Prediction, write_predictions
from inference_pipeline.asked import NOTHING, Asked
from inference_pipeline.bodies import MOST_BYTES
from inference_pipeline.content_types import FEATURES, answer_type, request_type
from inference_pipeline.feature_rows import Rows, read_features
from inference_pipeline.stages import answers_rejections, carries_rejections
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import PayloadTooLarge, RequestError
from newsgroup_classifier.recommender import Classifier, likeliest, load_classifier, nearest


@dataclass(frozen=True)
class Features:
    """Rows of features (n, m), and what the client asks for beside predictions."""

    rows: Rows
    asked: Asked = NOTHING


def model_fn(model_dir: str) -> Classifier:
    """Load the fitted estimator; the container calls it once a worker."""
    folder = Path(model_dir)
    classifier = load_classifier(folder, artifacts.load_manifest(folder))
    _lay_out_for_rows(classifier.estimator)
    return classifier


def _lay_out_for_rows(estimator: Any) -> None:
    """Store weights (k classes, n features) by column, so that no request copies them.

    scikit-learn multiplies rows by the transposed weights, and scipy copies an array that is not
    contiguous: 14 MB a call for 86,000 features. The values, and so the answers, stay the same.
    """
    for name in ("feature_log_prob_", "coef_"):
        if hasattr(estimator, name):
            setattr(estimator, name, np.asfortranarray(getattr(estimator, name)))


@carries_rejections
def input_fn(body: bytes, content_type: str) -> Features:
    """Read the features that the first container wrote."""
    request_type(content_type, (FEATURES,))
    return Features(*read_features(body))


@carries_rejections
def predict_fn(features: Features, model: Classifier) -> list[Prediction]:
    """Return a prediction for each of n rows; an empty row gets the model's prior."""
    expected = model.estimator.n_features_in_
    if features.rows.shape[1] != expected:
        raise RequestError(f"the rows have {features.rows.shape[1]} features; expected {expected}")
    estimator, scored = model.estimator, features.rows
    if hasattr(estimator, "steps"):  # a pipeline: labels and probabilities share its first steps
        estimator, scored = estimator[-1], estimator[:-1].transform(scored)
    labels = estimator.predict(scored)
    rows = estimator.predict_proba(scored)
    names = model.label_names
    named = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    return [
        Prediction(names[label], row, more)
        for label, row, more in zip(
            labels.tolist(), named, _answered(features, model, named), strict=True
        )
    ]


def _answered(
    features: Features, model: Classifier, named: list[dict[str, float]]
) -> list[dict[str, Any]]:
    """Return what is asked for of each row beside its prediction."""
    asked = features.asked
    found: list[dict[str, Any]] = [{} for _ in named]
    if asked.top:
        for more, row in zip(found, named, strict=True):
            more["top"] = [vars(label) for label in likeliest(row, asked.top)]
    if asked.neighbors:
        near = nearest(model, features.rows, asked.neighbors, MOST_BYTES)
        for more, posts in zip(found, near, strict=True):
            more["neighbors"] = [vars(post) for post in posts]
    return found


@answers_rejections
def output_fn(predictions: list[Prediction], accept: str) -> tuple[str, str]:
    """Answer the predictions in the type that the client accepts."""
    content_type = answer_type(accept)
    body = write_predictions(predictions, content_type)
    if predictions and predictions[0].more and len(body) > MOST_BYTES:
        raise PayloadTooLarge(
            f"the answer has {len(body)} bytes; at most {MOST_BYTES} leave a container. Ask for "
            "fewer neighbors, or send fewer texts in one request."
        )
    return body, content_type
