"""The first container: raw texts in, features out."""

from pathlib import Path
from typing import Any

from inference_pipeline.bodies import raw_body
from inference_pipeline.content_types import FEATURES
from inference_pipeline.explained import Explained, check_rows
from inference_pipeline.feature_rows import check_dense, encode_features, size_of, write_features
from inference_pipeline.stages import answers_rejections, carries_rejections
from inference_pipeline.texts import Request, read_request
from newsgroup_classifier import artifacts
from newsgroup_classifier.explanations.explanation import PROBABILITY
from newsgroup_classifier.feature_matrix import feature_matrix

_MANY = 1_000  # texts, whose dense rows may fill the memory


def model_fn(model_dir: str) -> Any:
    """Load the fitted transformers; the container calls this once per worker."""
    folder = Path(model_dir)
    manifest = artifacts.load_manifest(folder)
    transformers = artifacts.load_object(folder, manifest, artifacts.PREPROCESS)
    transformers.explanations_ = manifest.explanations
    return transformers


@carries_rejections
def input_fn(body: str | bytes, content_type: str) -> Request:
    """Read the texts and the options of a request."""
    return read_request(raw_body(body), content_type)


@carries_rejections
def predict_fn(request: Request, model: Any) -> bytes:
    """Return the encoded features of n texts, and the options."""
    if len(request.texts) > _MANY:
        check_dense(feature_matrix(model.transform(request.texts[:1])), len(request.texts))
    features = feature_matrix(model.transform(request.texts))
    if request.options.explain:
        return _explained(request, features, model)
    return write_features(features, request.options)


def _explained(request: Request, features: Any, model: Any) -> bytes:
    """Return the line of explanations, and features with further rows for the words of each text.

    An artifact of an earlier release does not say what it measures; removal works for all.
    """
    # Imported here so that other requests do not wait for it.
    from newsgroup_classifier.estimators.explaining import stack, word_rows

    measure = model.explanations_ or PROBABILITY
    words, parts, size = [], [features], size_of(features)
    for number, text in enumerate(request.texts):
        spans, rows = word_rows(model, text, features[[number]], measure)
        words.append(len(spans))
        parts.append(rows)
        size += size_of(rows)
        check_rows(size, len(request.texts), sum(words))
    line = Explained(request.options.explain, measure, request.texts, words).line()
    body = line + encode_features(stack(parts), request.options)
    check_rows(len(body), len(request.texts), sum(words))
    return body


@answers_rejections
def output_fn(features: bytes, accept: str) -> tuple[bytes, str]:
    """Return the features with the content type that the next container expects."""
    return features, FEATURES
