"""Convert JSON values to arrays as strictly as TensorFlow Serving does.

Integers must be whole numbers; floats can be any number. null, strings, and booleans are not
numbers. All lists at one level have the same length.
"""

import base64
import binascii
import re
from typing import Any

import numpy as np

from local_model_server.json_parsing import quote, type_name, wrong_format
from local_model_server.status import Status, invalid

# TensorFlow's name of a type, and the NumPy type for it.
_DTYPES: dict[str, Any] = {
    "float": np.float32,
    "double": np.float64,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "bool": np.bool_,
    "string": np.object_,
}
_INT32 = (-(2**31), 2**31 - 1)
_LIMITS = {
    **dict.fromkeys(("int8", "int16", "int32", "uint8"), _INT32),  # as in the real server
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_MAX_DIMENSIONS = 64  # of NumPy arrays; TensorFlow's operations support fewer
_SPACES = re.compile(r"[ \t\n\v\f\r]+")
# The type to which the real server converts numbers first.
_WIDE = {**dict.fromkeys(("int8", "int16", "uint8"), np.int64), "float": np.float64}
_FLOATS = ("float", "double")


def fast_array(value: Any, dtype: str) -> Any:
    """Return the array for a plain list of numbers, or None if `to_array` must check each number.

    The request must contain neither booleans nor strings, because NumPy converts them.
    """
    try:
        array = np.array(value)
    except (ValueError, OverflowError):  # lists of different lengths, or a number that is too long
        return None
    kind = array.dtype.kind
    if dtype in _FLOATS:
        return _cast(array, dtype) if kind in "iuf" else None
    if kind != "i" or dtype not in _LIMITS or not array.size:
        return None
    low, high = _LIMITS[dtype]
    return _cast(array, dtype) if low <= array.min() <= array.max() <= high else None


def to_array(value: Any, dtype: str) -> Any:
    """Return the array for a JSON value, checking each number."""
    if dtype not in _DTYPES:
        raise Status("UNIMPLEMENTED", f"Conversion of JSON Value: {quote(value)} to type: {dtype}")
    shape: list[int] = []
    first = value
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None
    if len(shape) > _MAX_DIMENSIONS:
        raise invalid(
            f"Lists are nested {len(shape)} levels deep; the maximum is {_MAX_DIMENSIONS}"
        )
    scalars: list[Any] = []
    _flatten(value, 0, shape, dtype, scalars)
    flat = np.empty(len(scalars), dtype=_DTYPES[dtype])
    if dtype == "string":
        flat[:] = scalars
    else:
        flat[:] = _cast(scalars, dtype)
    return flat.reshape(shape)


def _cast(numbers: Any, dtype: str) -> Any:
    with np.errstate(over="ignore"):  # a number that is too large for a float is infinite
        return np.asarray(numbers, _WIDE.get(dtype, _DTYPES[dtype])).astype(_DTYPES[dtype])


def is_base64(value: Any) -> bool:
    """Return whether a value is an object that encodes bytes: {"b64": "..."}."""
    return isinstance(value, dict) and list(value) == ["b64"] and isinstance(value["b64"], str)


def _flatten(value: Any, level: int, shape: list[int], dtype: str, scalars: list[Any]) -> None:
    if not isinstance(value, list):
        if level != len(shape):
            raise invalid(
                f"JSON Value: {quote(value)} found at incorrect level: {level + 1} in the JSON "
                f"DOM. Expected at level: {len(shape)}"
            )
        scalars.append(_scalar(value, dtype))
        return
    if level >= len(shape):
        raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: "
            f"{shape[level]}"
        )
    for item in value:
        _flatten(item, level + 1, shape, dtype, scalars)


def _scalar(value: Any, dtype: str) -> Any:
    if dtype == "string":
        return _bytes(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if dtype in _FLOATS and is_number:
        return float(value)
    if dtype == "bool" and isinstance(value, bool):
        return value
    if dtype in _LIMITS and is_number and isinstance(value, int):
        low, high = _LIMITS[dtype]
        if low <= value <= high:
            return value
    raise _type_error(value, dtype)


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if not isinstance(value, dict):
        raise _type_error(value, "string")
    if not is_base64(value):
        raise wrong_format(value, "not formatted correctly for base64 data")
    text = _SPACES.sub("", value["b64"])
    data = text.rstrip("=.")
    padding = -len(data) % 4
    try:
        if len(text) not in (len(data), len(data) + padding):
            raise ValueError("the padding is not complete")
        return base64.b64decode(data + "=" * padding, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode") from error


def _type_error(value: Any, dtype: str) -> Status:
    return invalid(
        f"JSON Value: {quote(value)} Type: {type_name(value)} is not of expected type: {dtype}"
    )
