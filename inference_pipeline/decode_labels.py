"""The container after TensorFlow Serving: probabilities in, labels and probabilities out."""

from pathlib import Path

from inference_pipeline.content_types import PROBABILITIES, response_type
from inference_pipeline.explained import split_line
from inference_pipeline.responses import Prediction, write_predictions
from inference_pipeline.stages import answers_rejections, carries_rejections
from inference_pipeline.tensorflow_bodies import explained_labels
from newsgroup_classifier import artifacts
from newsgroup_classifier.text.request_bodies import request_type


def model_fn(model_dir: str) -> tuple[str, ...]:
    """Load the label names by label number; the container calls this once per worker."""
    return artifacts.load_manifest(Path(model_dir)).label_names


@carries_rejections
def input_fn(body: bytes, content_type: str) -> bytes:
    """Accept the response of TensorFlow Serving, and nothing else."""
    request_type(content_type, (PROBABILITIES,))
    return body


@carries_rejections
def predict_fn(body: bytes, label_names: tuple[str, ...]) -> list[Prediction]:
    """Return a prediction for each row of probabilities."""
    return explained_labels(*split_line(body), label_names)


@answers_rejections
def output_fn(predictions: list[Prediction], accept: str) -> tuple[str, str]:
    """Return the predictions in the type that the client accepts."""
    content_type = response_type(accept)
    return write_predictions(predictions, content_type), content_type
