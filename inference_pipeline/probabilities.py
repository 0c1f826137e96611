"""Read the probabilities that TensorFlow Serving returns, and pair them with their labels.

A malformed response is the fault of the artifact, not of the client, so its status is 500.
"""

import json
from typing import Any

from inference_pipeline.explained import read_line
from inference_pipeline.responses import Prediction
from newsgroup_classifier.errors import ArtifactError, counted

_TOLERANCE = 1e-5  # a softmax in float32 may exceed 1 by this much


def read_probabilities(body: str | bytes, labels: int) -> list[list[float]]:
    """Return a row of probabilities per item; raise ArtifactError for a malformed body."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"they are not JSON ({type(error).__name__})") from None
    if not isinstance(content, dict) or list(content) != ["predictions"]:
        raise _malformed('they are not a JSON object with the single key "predictions"')
    rows = content["predictions"]
    if not isinstance(rows, list) or not rows:
        raise _malformed('"predictions" is not a list of at least one row')
    for index, row in enumerate(rows):
        _check(row, index, labels)
    return rows


def _check(row: Any, index: int, labels: int) -> None:
    if not isinstance(row, list) or len(row) != labels:
        fault = f"has {counted(len(row), 'value')}" if isinstance(row, list) else "is not a list"
        raise _malformed(f"row {index} {fault}; expected {labels} probabilities")
    # Python's JSON has NaN, which fails this comparison.
    if not all(type(value) in (int, float) and 0 <= value <= 1 + _TOLERANCE for value in row):
        raise _malformed(f"row {index} has a value that is not a number from 0 to 1")


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
