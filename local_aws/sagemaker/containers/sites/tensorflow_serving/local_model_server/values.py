"""Turn JSON values into arrays with the strictness of TensorFlow Serving.

Integers are read from whole numbers only, floats from any number that fits; null, text and truth
values are no numbers. Every list of a level has the same length.
"""

import base64
import binascii
import math
from typing import Any

import numpy as np

from local_model_server.documents import shown, type_name, wrong_format
from local_model_server.status import Status, invalid

# TensorFlow's name of a type, and the array that holds it.
ARRAYS: dict[str, Any] = {
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
    **dict.fromkeys(("int8", "int16", "int32", "uint8"), _INT32),  # as the server itself has it
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_MOST_DIMENSIONS = 64  # of numpy's arrays; TensorFlow's operations take fewer
_LARGEST_WHOLE = {"float": 2**24 - 1, "double": 2**53 - 1}  # that a float holds for certain


def quick_array(value: Any, dtype: str) -> Any:
    """Return the array of a plain list of numbers, or None where `array` must look closely.

    The request must have no truth values in it: numpy takes them for numbers.
    """
    try:
        found = np.array(value)
    except (ValueError, OverflowError):  # lists of several lengths, or too long a number
        return None
    kind = found.dtype.kind
    if dtype in _LARGEST_WHOLE:
        if kind in "if" and not (np.abs(found) > _LARGEST_WHOLE[dtype]).any():
            return found.astype(ARRAYS[dtype])
        return None
    if kind != "i" or dtype not in _LIMITS or not found.size:
        return None
    lowest, highest = _LIMITS[dtype]
    return found.astype(ARRAYS[dtype]) if lowest <= found.min() <= found.max() <= highest else None


def array(value: Any, dtype: str) -> Any:
    """Return the array of a JSON value, looked at number by number."""
    if dtype not in ARRAYS:
        raise Status("UNIMPLEMENTED", f"Conversion of JSON Value: {shown(value)} to type: {dtype}")
    shape: list[int] = []
    first = value
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None
    if len(shape) > _MOST_DIMENSIONS:
        raise invalid(f"Lists are nested {len(shape)} deep; at most {_MOST_DIMENSIONS} can be")
    found: list[Any] = []
    _fill(value, 0, shape, dtype, found)
    flat = np.empty(len(found), dtype=ARRAYS[dtype])
    if dtype == "string":
        flat[:] = found
    else:
        flat[:] = np.array(found, dtype=_wide(dtype)).astype(ARRAYS[dtype])
    return flat.reshape(shape)


def _wide(dtype: str) -> Any:
    return np.int64 if dtype in ("int8", "int16", "uint8") else ARRAYS[dtype]


def is_base64(value: Any) -> bool:
    """Tell whether a value is the object that stands for bytes: {"b64": "..."}."""
    return isinstance(value, dict) and list(value) == ["b64"] and isinstance(value["b64"], str)


def _fill(value: Any, level: int, shape: list[int], dtype: str, found: list[Any]) -> None:
    if not isinstance(value, list):
        if level != len(shape):
            raise invalid(
                f"JSON Value: {shown(value)} found at incorrect level: {level + 1} in the JSON "
                f"DOM. Expected at level: {len(shape)}"
            )
        found.append(_scalar(value, dtype))
        return
    if level >= len(shape):
        raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: "
            f"{shape[level]}"
        )
    for item in value:
        _fill(item, level + 1, shape, dtype, found)


def _scalar(value: Any, dtype: str) -> Any:
    if dtype == "string":
        return _bytes(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if dtype in _LARGEST_WHOLE and number:
        return _decimal(value, dtype)
    if dtype == "bool" and isinstance(value, bool):
        return value
    if dtype in _LIMITS and number and isinstance(value, int):
        lowest, highest = _LIMITS[dtype]
        if lowest <= value <= highest:
            return value
    raise _type_error(value, dtype)


def _decimal(value: int | float, dtype: str) -> float:
    """Refuse whole numbers that a float would change, and decimals that it cannot hold."""
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        lossy = abs(value) > _LARGEST_WHOLE[dtype]
    else:
        number = float(value)  # as RapidJSON keeps what no 64 bits hold
        lossy = math.isfinite(number) and abs(number) > float(np.finfo(ARRAYS[dtype]).max)
    if lossy:
        raise invalid(
            f"Cannot convert JSON value: {shown(value)} to {dtype} without loss of precision."
        )
    return float(value)


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if not isinstance(value, dict):
        raise _type_error(value, "string")
    if not is_base64(value):
        raise wrong_format(value, "not formatted correctly for base64 data")
    try:
        return base64.b64decode(value["b64"] + "=" * (-len(value["b64"]) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode") from error


def _type_error(value: Any, dtype: str) -> Status:
    return invalid(
        f"JSON Value: {shown(value)} Type: {type_name(value)} is not of expected type: {dtype}"
    )
