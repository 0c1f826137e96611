"""The first container: raw texts in, features out."""

from pathlib import Path
from typing import Any

from inference_pipeline.bodies import raw_body
from inference_pipeline.content_types import FEATURES
from inference_pipeline.feature_rows import write_features
from inference_pipeline.stages import answers_rejections, carries_rejections
from inference_pipeline.texts import Request, read_request
from newsgroup_classifier import artifacts
from newsgroup_classifier.feature_matrix import feature_matrix


def model_fn(model_dir: str) -> Any:
    """Load the fitted transformers; the container calls this once per worker."""
    folder = Path(model_dir)
    return artifacts.load_object(folder, artifacts.load_manifest(folder), artifacts.PREPROCESS)


@carries_rejections
def input_fn(body: str | bytes, content_type: str) -> Request:
    """Read the texts and the options of a request."""
    return read_request(raw_body(body), content_type)


@carries_rejections
def predict_fn(request: Request, model: Any) -> bytes:
    """Return the encoded features of n texts, and the options."""
    return write_features(feature_matrix(model.transform(request.texts)), request.options)


@answers_rejections
def output_fn(features: bytes, accept: str) -> tuple[bytes, str]:
    """Return the features with the content type that the next container expects."""
    return features, FEATURES
