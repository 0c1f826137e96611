"""The second container: features in, labels and probabilities out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference_pipeline.bodies import MAX_BYTES, NO_OPTIONS, RequestOptions
from inference_pipeline.content_types import FEATURES, response_type
from inference_pipeline.explained import Explained, read_line, split_line
from inference_pipeline.feature_rows import Rows, read_features
from inference_pipeline.responses import Prediction, check_count, write_predictions
from inference_pipeline.stages import answers_rejections, carries_rejections
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import PayloadTooLarge, RequestError
from newsgroup_classifier.recommender import Classifier, likeliest, load_classifier, nearest
from newsgroup_classifier.text.request_bodies import request_type


@dataclass(frozen=True)
class Features:
    """Rows of features (n, m), the options of the request, and what to explain, if anything."""

    rows: Rows
    options: RequestOptions = NO_OPTIONS
    explained: Explained | None = None


def model_fn(model_dir: str) -> Classifier:
    """Load the fitted estimator; the container calls this once per worker."""
    folder = Path(model_dir)
    classifier = load_classifier(folder, artifacts.load_manifest(folder))
    _store_weights_by_column(classifier.estimator)
    return classifier


def _store_weights_by_column(estimator: Any) -> None:
    """Store weights (k classes, n features) by column, so that requests do not copy them.

    scikit-learn multiplies rows by the transposed weights, and scipy copies an array that is not
    contiguous: 14 MB per request for 86,000 features. This does not change any value.
    """
    attributes = vars(estimator)
    for name in ("feature_log_prob_", "coef_"):  # some are properties, or sparse
        if isinstance(attributes.get(name), np.ndarray):
            attributes[name] = np.asfortranarray(attributes[name])


@carries_rejections
def input_fn(body: bytes, content_type: str) -> Features:
    """Read the features from the first container."""
    request_type(content_type, (FEATURES,))
    line, body = split_line(body)
    return Features(*read_features(body), read_line(line))


@carries_rejections
def predict_fn(features: Features, model: Classifier) -> list[Prediction]:
    """Return a prediction for each of n rows; an empty row gets the model's prior."""
    expected = model.estimator.n_features_in_
    if features.rows.shape[1] != expected:
        raise RequestError(f"the rows have {features.rows.shape[1]} features; expected {expected}")
    check_count(features.rows.shape[0], model.label_names)
    if features.explained:
        return _explain(features, features.explained, model)
    estimator, rows = model.estimator, features.rows
    if hasattr(estimator, "steps"):  # a pipeline: labels and probabilities share its first steps
        estimator, rows = estimator[-1], estimator[:-1].transform(rows)
    classes, names = model.classes, model.label_names
    labels = [names[number] for number in classes.labels(estimator.predict(rows))]
    probabilities = [
        dict(zip(names, row, strict=True))
        for row in classes.in_label_order(estimator.predict_proba(rows)).tolist()
    ]
    extras = _extras(features, model, probabilities)
    return [Prediction(*each) for each in zip(labels, probabilities, extras, strict=True)]


def _explain(features: Features, explained: Explained, model: Classifier) -> list[Prediction]:
    """Return the predictions of texts with explanations, from the rows of texts and words."""
    # Imported here so that other requests do not wait for it.
    from newsgroup_classifier.estimators.explaining import row_scores

    rows = features.rows
    if rows.shape[0] != explained.rows:
        raise RequestError(f"there are {rows.shape[0]} rows; expected {explained.rows}")
    texts = Features(rows[: len(explained.texts)], features.options)
    columns = model.classes.in_label_order

    def score(places: list[int]) -> Any:
        return columns(row_scores(model.estimator, rows[places], explained.measure))

    return explained.explain(predict_fn(texts, model), model.label_names, score)


def _extras(
    features: Features, model: Classifier, probabilities: list[dict[str, float]]
) -> list[dict[str, Any]]:
    """Return the optional parts of each row's prediction."""
    options = features.options
    extras: list[dict[str, Any]] = [{} for _ in probabilities]
    if options.top:
        for extra, row in zip(extras, probabilities, strict=True):
            extra["top"] = [vars(label) for label in likeliest(row, options.top)]
    if options.neighbors:
        posts = nearest(model, features.rows, options.neighbors, MAX_BYTES)
        for extra, neighbors in zip(extras, posts, strict=True):
            extra["neighbors"] = [vars(post) for post in neighbors]
    return extras


@answers_rejections
def output_fn(predictions: list[Prediction], accept: str) -> tuple[str, str]:
    """Return the predictions in the type that the client accepts."""
    content_type = response_type(accept)
    body = write_predictions(predictions, content_type)
    if predictions and predictions[0].extras and len(body) > MAX_BYTES:
        raise PayloadTooLarge(
            f"the response has {len(body)} bytes; at most {MAX_BYTES} leave a container. Ask for "
            "fewer neighbors or words, or send fewer texts in one request."
        )
    return body, content_type
