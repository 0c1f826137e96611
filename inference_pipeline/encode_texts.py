"""The container before TensorFlow Serving: raw texts in, model inputs out."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.bodies import raw_body
from inference_pipeline.content_types import MODEL_INPUTS
from inference_pipeline.explained import check_rows, remove_words
from inference_pipeline.stages import answers_rejections, carries_rejections
from inference_pipeline.tensorflow_bodies import write_arrays
from inference_pipeline.texts import Request, read_explainable
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import ArtifactError
from newsgroup_classifier.text.encoders import Encoder, read_encoder

_BATCH_TEXTS = 100
_MIN_BYTES = 2  # of a number in JSON, with its comma


def model_fn(model_dir: str) -> Encoder:
    """Load the fitted encoder; the container calls this once per worker."""
    folder = Path(model_dir)
    manifest = artifacts.load_manifest(folder)
    if artifacts.VOCABULARY not in manifest.files:
        raise ArtifactError(
            f"{folder} has no {artifacts.VOCABULARY}; recipe {manifest.recipe} does not read "
            "texts, so no container encodes them"
        )
    return read_encoder((folder / artifacts.VOCABULARY).read_bytes())


@carries_rejections
def input_fn(body: str | bytes, content_type: str) -> Request:
    """Read the texts of a request, and whether to explain their labels."""
    return read_explainable(raw_body(body), content_type)


@carries_rejections
def predict_fn(request: Request, encoder: Encoder) -> bytes:
    """Return the model inputs for n texts, in the format of TensorFlow Serving.

    To explain them, the inputs of the texts without each word follow.
    """
    line, texts = remove_words(request.texts, request.options)
    count = len(request.texts)
    words = len(texts) - 2 * count if line else 0  # a text has a row of its own, and a base
    body = line + write_arrays(_encode(texts, encoder, (count, words)))
    check_rows(len(body), count, words)
    return body


def _encode(
    texts: list[str], encoder: Encoder, counts: tuple[int, int]
) -> dict[str, NDArray[np.generic]]:
    """Return the inputs by name; raise PayloadTooLarge before they fill the memory.

    All rows are as long as the longest one: one long text among thousands of short ones takes
    gigabytes. `counts` are the numbers of texts and words of the request.
    """
    parts: list[dict[str, NDArray[np.generic]]] = []
    width = 0
    for start in range(0, len(texts), _BATCH_TEXTS):
        parts.append(encoder.transform(texts[start : start + _BATCH_TEXTS]))
        width = max(width, *(array.shape[1] for array in parts[-1].values()))
        check_rows(_MIN_BYTES * len(parts[-1]) * width * len(texts), *counts)
    return {name: np.concatenate([_pad(part[name], width) for part in parts]) for name in parts[0]}


def _pad(array: NDArray[np.generic], width: int) -> NDArray[np.generic]:
    return np.pad(array, ((0, 0), (0, width - array.shape[1])))


@answers_rejections
def output_fn(inputs: bytes, accept: str) -> tuple[bytes, str]:
    """Return the inputs with the content type that the next container expects."""
    return inputs, MODEL_INPUTS
