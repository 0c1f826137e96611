"""Write predictions in the content type that the client accepts, and errors in one JSON shape."""

import csv
import io
import json
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, REQUEST_TYPES, RESPONSE_TYPES
from newsgroup_classifier.errors import PayloadTooLarge, RequestError

log = logging.getLogger(__name__)
MAX_RESPONSE = 100_000_000  # bytes; for more, a worker lacks the memory or the time
_LEAST = len('"": 0.0, ')  # of a probability in JSON, without the name of its label


@dataclass(frozen=True)
class Prediction:
    """The label of one text, the probability of every label, and the requested extras."""

    label: str
    probabilities: dict[str, float]
    extras: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the one shape that predictions have everywhere."""
        return {
            "label": self.label,
            "probability": self.probabilities[self.label],
            "probabilities": self.probabilities,
            **self.extras,
        }


def check_count(texts: int, label_names: Iterable[str]) -> None:
    """Raise PayloadTooLarge if the probabilities of so many texts take more than a worker has."""
    each = sum(len(name) + _LEAST for name in label_names)
    if texts * each > MAX_RESPONSE:
        raise PayloadTooLarge(
            f"the probabilities of these {texts:,} texts take more than {MAX_RESPONSE:,} bytes; "
            f"expected at most {MAX_RESPONSE // each:,} texts. Send fewer texts per request."
        )


def write_predictions(predictions: list[Prediction], content_type: str) -> str:
    """Return a response body: JSON, JSON lines, or CSV rows of label and probability.

    Raise RequestError for extras in CSV, which has no columns for them.
    """
    if content_type == CSV and any(prediction.extras for prediction in predictions):
        raise RequestError(
            f"CSV has no columns for the requested extras; expected an Accept header with {JSON} "
            f"or {JSON_LINES}"
        )
    return _WRITERS[content_type](predictions)


def _write_json(predictions: list[Prediction]) -> str:
    return json.dumps({"predictions": [prediction.as_dict() for prediction in predictions]})


def _write_json_lines(predictions: list[Prediction]) -> str:
    return "".join(json.dumps(prediction.as_dict()) + "\n" for prediction in predictions)


def _write_csv(predictions: list[Prediction]) -> str:
    if os.environ.get("SAGEMAKER_BATCH") == "true":
        _refuse_line_ends(predictions[0].probabilities)
    text = io.StringIO()
    rows = ((item.label, repr(item.probabilities[item.label])) for item in predictions)
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _refuse_line_ends(label_names: Iterable[str]) -> None:
    """Raise RequestError for a label with a line end: a transform splits CSV at line ends."""
    for number, name in enumerate(label_names):
        if "\n" in name or "\r" in name:
            raise RequestError(
                f"the name of label {number} has a line end, but a CSV output of a transform has "
                f"one line per record; expected an Accept header with {JSON_LINES}. With --join or "
                "filters, write the input as .jsonl files."
            )


_WRITERS: dict[str, Callable[[list[Prediction]], str]] = {
    JSON: _write_json,
    JSON_LINES: _write_json_lines,
    CSV: _write_csv,
}


@dataclass(frozen=True)
class Rejection:
    """A refused or failed request on its way through the container's functions."""

    status: int
    code: str
    message: str

    def body(self, accepted: tuple[str, ...] = REQUEST_TYPES) -> str:
        """Return the JSON response: code, message, accepted types, and a request id."""
        request_id = str(uuid.uuid4())
        log.warning("request %s: %s %s", request_id, self.status, self.code)
        error = {
            "code": self.code,
            "message": self.message,
            "accepted": {"content_types": accepted, "accept": RESPONSE_TYPES},
            "request_id": request_id,
        }
        return json.dumps({"error": error})

    def response(self) -> Any:
        """Return the response that the scikit-learn container sends."""
        # The image has Flask. Imported here so that the formats load without it.
        from flask import Response

        return Response(self.body(), status=self.status, mimetype=JSON)
