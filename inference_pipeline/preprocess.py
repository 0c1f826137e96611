"""The first container: raw texts in, features out."""

from pathlib import Path
from typing import Any

from inference_pipeline.content_types import FEATURES
from inference_pipeline.sparse_rows import encode_rows
from inference_pipeline.stages import answers_rejections, carries_rejections
from inference_pipeline.texts import read_texts
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import PayloadTooLarge

_MOST_BYTES = 5 * 1024 * 1024  # SageMaker passes no more from container to container


def model_fn(model_dir: str) -> Any:
    """Load the fitted transformers; the container calls it once a worker."""
    folder = Path(model_dir)
    return artifacts.load_object(folder, artifacts.load_manifest(folder), artifacts.PREPROCESS)


@carries_rejections
def input_fn(body: str | bytes, content_type: str) -> list[str]:
    """Read the texts of a request."""
    return read_texts(_as_sent(body), content_type)


def _as_sent(body: str | bytes) -> str | bytes:
    """Return the bytes behind a body that the container decoded.

    It does so for JSON and CSV, and puts U+FFFD in place of what is not UTF-8 without a word.
    """
    # Flask is in the image; imported here so that the stage loads without it.
    from flask import has_request_context, request

    return request.get_data() if isinstance(body, str) and has_request_context() else body


@carries_rejections
def predict_fn(texts: list[str], model: Any) -> bytes:
    """Return the features of n texts as encoded sparse rows."""
    body = encode_rows(model.transform(texts))
    if len(body) > _MOST_BYTES:
        raise PayloadTooLarge(
            f"the features of these {len(texts)} texts have {len(body)} bytes; at most "
            f"{_MOST_BYTES} pass between containers. Send fewer texts in one request."
        )
    return body


@answers_rejections
def output_fn(features: bytes, accept: str) -> tuple[bytes, str]:
    """Answer the features; the content type tells the next container what they are."""
    return features, FEATURES
