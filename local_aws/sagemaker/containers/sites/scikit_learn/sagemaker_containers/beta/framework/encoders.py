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


def npy_to_numpy(body: bytes) -> Any:
    """Return the array in a file of NumPy."""
    # The real container allows pickles. The local AWS does not, because requests are untrusted.
    return np.load(io.BytesIO(body), allow_pickle=False)


def json_to_numpy(body: str, dtype: Any = None) -> Any:
    """Return the array of a JSON value."""
    return np.array(json.loads(body), dtype=dtype)


def csv_to_numpy(body: str, dtype: Any = None) -> Any:
    """Read rows as numbers, or as text if one is not a number and no type is given.

    A single row loses its first dimension, so estimators reject it.
    """
    try:
        array = np.array(list(csv.reader(io.StringIO(body), strict=True))).squeeze()
    except Exception as error:
        raise ClientError(f"Error while decoding csv: {error}") from error
    try:
        return array.astype(dtype)  # without a type, float64
    except ValueError as error:
        if dtype is not None:
            raise ClientError(
                f"Error while writing numpy array: {error}. dtype is: {dtype}"
            ) from error
        return array


def array_to_npy(array: Any) -> bytes:
    """Return a file of NumPy, in which objects, such as labels of text, are pickled."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def array_to_json(array: Any) -> str:
    """Return JSON; arrays and NumPy's numbers may be anywhere in the value."""
    return json.dumps(array, default=lambda value: value.tolist())


def array_to_csv(array: Any) -> str:
    """Return rows; an array of one dimension becomes a column."""
    table = np.array(array)
    if table.ndim == 1:
        table = table.reshape(-1, 1)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


_DECODERS: dict[str, Callable[[Any], Any]] = {
    content_types.NPY: npy_to_numpy,
    content_types.CSV: csv_to_numpy,
    content_types.JSON: json_to_numpy,
}
_ENCODERS: dict[str, Callable[[Any], str | bytes]] = {
    content_types.NPY: array_to_npy,
    content_types.CSV: array_to_csv,
    content_types.JSON: array_to_json,
}
