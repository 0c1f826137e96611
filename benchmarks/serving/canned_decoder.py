"""Stand in for decode_labels behind encode_texts, without a model in between.

Its container receives the model's inputs, discards them, and decodes one row that the model could
have returned. benchmarks/serving/containers.py puts this file next to the stages of an artifact.
"""

import json
from typing import Any

from inference_pipeline import decode_labels
from inference_pipeline.content_types import MODEL_INPUTS
from inference_pipeline.stages import carries_rejections
from newsgroup_classifier.text.request_bodies import request_type

model_fn = decode_labels.model_fn
output_fn = decode_labels.output_fn


@carries_rejections
def input_fn(body: bytes, content_type: str) -> None:
    """Accept the model's inputs for one text."""
    request_type(content_type, (MODEL_INPUTS,))


@carries_rejections
def predict_fn(_: None, label_names: tuple[str, ...]) -> Any:
    """Decode a row of equal probabilities as decode_labels decodes the model's."""
    row = [1 / len(label_names)] * len(label_names)
    return decode_labels.predict_fn(json.dumps({"predictions": [row]}).encode(), label_names)
