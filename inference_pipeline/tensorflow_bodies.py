"""Write requests for TensorFlow Serving, and read its responses.

A request is one JSON object with the instances row by row: bare values for a model with one input,
and objects by input name for other models. A malformed response is the fault of the artifact, not
of the client, so its status is 500.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.explained import read_line
from inference_pipeline.responses import Prediction
from newsgroup_classifier.errors import ArtifactError

_MOST = 1 + 1e-5  # of a probability, since a softmax in float32 may exceed 1
BY_ARRAYS, BY_TEXTS, BY_PNG = "serving_default", "texts", "png"  # signatures of our SavedModels


def write_instances(instances: list[Any], signature: str) -> bytes:
    """Return the request for a signature with one input."""
    content = {"signature_name": signature, "instances": instances}
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def write_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return the request for a model's inputs by name; the first axis of each array is the rows."""
    rows = {name: [_row(row) for row in array] for name, array in arrays.items()}
    if len(rows) == 1:
        (instances,) = rows.values()
    else:
        instances = [
            "{" + ",".join(f'"{name}":{row}' for name, row in zip(rows, values, strict=True)) + "}"
            for values in zip(*rows.values(), strict=True)
        ]
    body = f'{{"signature_name":"{BY_ARRAYS}","instances":[{",".join(instances)}]}}'
    return body.encode("ascii")


def _row(row: NDArray[np.generic]) -> str:
    """Return a row as JSON; numpy writes a float32 in the shortest form that preserves it."""
    return "[" + ",".join(map(str, row)) + "]"


def read_probabilities(body: str | bytes, labels: int) -> list[list[float]]:
    """Return a row of probabilities per item; raise ArtifactError for a malformed body."""
    try:
        rows = json.loads(body)["predictions"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        kind = type(error).__name__
        raise _malformed(f'they are not JSON with the key "predictions" ({kind})') from None
    if not isinstance(rows, list) or not rows:
        raise _malformed('"predictions" is not a list of at least one row')
    for index, row in enumerate(rows):
        # Python's JSON has NaN, which fails this comparison.
        if (
            not isinstance(row, list)
            or len(row) != labels
            or not all(type(value) in (int, float) and 0 <= value <= _MOST for value in row)
        ):
            raise _malformed(f"row {index} is not a list of {labels} numbers from 0 to 1")
    return rows


def _malformed(reason: str) -> ArtifactError:
    return ArtifactError(f"the probabilities are malformed: {reason}")


def explained_labels(line: bytes, content: bytes, label_names: tuple[str, ...]) -> list[Prediction]:
    """Return the predictions of a response, with explanations if there is a line before it."""
    rows, explained = read_probabilities(content, len(label_names)), read_line(line)
    if explained is None:
        return name_labels(rows, label_names)
    if len(rows) != explained.rows:
        raise _malformed(f"there are {len(rows)} rows; expected {explained.rows}")
    predictions = name_labels(rows[: len(explained.texts)], label_names)
    return explained.explain(predictions, label_names, lambda places: [rows[at] for at in places])


def name_labels(rows: list[list[float]], label_names: tuple[str, ...]) -> list[Prediction]:
    """Return the prediction of each row: its most likely label, or the first one of a tie."""
    return [
        Prediction(label_names[row.index(max(row))], dict(zip(label_names, row, strict=True)))
        for row in rows
    ]
