"""Decode requests to NumPy arrays and encode arrays as responses, as the real container does."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from sagemaker_containers.beta.framework import content_types
from sagemaker_containers.beta.framework.errors import ClientError, UnsupportedFormatError


def decode(body: Any, content_type: str) -> Any:
    """Return the array in a body; the content type must match exactly."""
    if content_type not in _DECODERS:
        raise UnsupportedFormatError(content_type)
    return _DECODERS[content_type](body)


def encode(array: Any, content_type: str) -> str | bytes:
    """Return the body for an array; the content type must match exactly."""
    if content_type not in _ENCODERS:
        raise UnsupportedFormatError(content_type)
    return _ENCODERS[content_type](array)


def _from_npy(body: bytes) -> Any:
    # The real container allows pickles. The local AWS does not, because requests are untrusted.
    return np.load(io.BytesIO(body), allow_pickle=False)


def _from_json(body: str) -> Any:
    return np.array(json.loads(body))


def _from_csv(body: str) -> Any:
    """Read rows; a single row loses its first dimension, so estimators reject it."""
    try:
        rows = list(csv.reader(io.StringIO(body), strict=True))
        return np.array(rows).squeeze()
    except Exception as error:
        raise ClientError(f"Error while decoding csv: {error}") from error


def _to_npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _to_json(array: Any) -> str:
    return json.dumps(array, default=lambda value: value.tolist())


def _to_csv(array: Any) -> str:
    table = np.array(array)
    if table.ndim == 1:
        table = table.reshape(-1, 1)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


_DECODERS: dict[str, Callable[[Any], Any]] = {
    content_types.NPY: _from_npy,
    content_types.CSV: _from_csv,
    content_types.JSON: _from_json,
}
_ENCODERS: dict[str, Callable[[Any], str | bytes]] = {
    content_types.NPY: _to_npy,
    content_types.CSV: _to_csv,
    content_types.JSON: _to_json,
}
