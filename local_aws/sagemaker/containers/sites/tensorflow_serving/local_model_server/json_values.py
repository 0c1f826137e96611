"""Read JSON as TensorFlow Serving does, and convert its values to arrays as strictly.

Integers must be whole numbers; floats can be any number. null, strings, and booleans are not
numbers. All lists at one level have the same length.
"""

import base64
import json
import math
from itertools import chain
from typing import Any

import numpy as np

from local_model_server.status import Status, invalid

# TensorFlow's name of a type, the NumPy type in which its limits are checked, and its own.
_NUMBERS: dict[str, tuple[Any, Any]] = {
    "float": (np.float64, np.float32),
    "double": (np.float64, np.float64),
    **{name: (np.int32, getattr(np, name)) for name in ("int8", "int16", "int32", "uint8")},
    **{name: (getattr(np, name), getattr(np, name)) for name in ("int64", "uint32", "uint64")},
    "bool": (np.bool_, np.bool_),
}
# Other types are integers.
_KINDS: dict[str, set[type]] = {"float": {int, float}, "double": {int, float}, "bool": {bool}}
_MAX_DIMENSIONS = 64  # of NumPy arrays; TensorFlow's operations support fewer
_LONGEST_QUOTE = 256  # characters


def parse(body: bytes) -> dict[str, Any]:
    """Return the object at the start of a request's body; what follows it is not read.

    NaN and Infinity are numbers, and of members with one name, the first counts. A number beyond a
    double is read as infinite: see check_numbers.
    """
    return _parse(body, _DECODER)


def check_numbers(body: bytes) -> None:
    """Raise Status if a request has a number beyond a double, which takes as long as to parse it.

    So it is called only if a request has an infinite number.
    """
    _parse(body, _CAREFUL)


def _parse(body: bytes, decoder: json.JSONDecoder) -> dict[str, Any]:
    # A string may contain any bytes: those that are not UTF-8 are passed on unchanged.
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff").lstrip(" \t\r\n")
    try:
        document, _ = decoder.raw_decode(text)
    except ValueError as error:  # also for a number with more digits than Python accepts
        raise invalid(f"JSON Parse error: {error}") from error
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {quote(document)} Is not object")
    return document


def _first_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else dict(reversed(pairs))


def _double(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("Number too big to be stored in double.")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_first_members)
_CAREFUL = json.JSONDecoder(object_pairs_hook=_first_members, parse_float=_double)


def quote(value: Any) -> str:
    """Return the beginning of a JSON value for an error."""
    return json.dumps(value, ensure_ascii=False)[:_LONGEST_QUOTE]


def to_array(value: Any, dtype: str) -> Any:
    """Return the array for a JSON value; raise Status unless it has the type, and one shape."""
    shape: list[int] = []
    scalars = [value]
    while scalars and isinstance(scalars[0], list):
        size = len(scalars[0])
        for item in scalars:
            if not isinstance(item, list):
                raise invalid(f"JSON Value: {quote(item)} found at incorrect level: {len(shape)}")
            if len(item) != size:
                raise invalid(
                    f"Encountered list at unexpected size: {len(item)} at level: {len(shape)} "
                    f"expected size: {size}"
                )
        shape.append(size)
        scalars = list(chain.from_iterable(scalars))
    if len(shape) > _MAX_DIMENSIONS:
        raise invalid(
            f"Lists are nested {len(shape)} levels deep; the maximum is {_MAX_DIMENSIONS}"
        )
    if dtype == "string":
        flat = np.empty(len(scalars), np.object_)
        flat[:] = [to_bytes(scalar) for scalar in scalars]
        return flat.reshape(shape)
    return _numbers(scalars, dtype).reshape(shape)


def _numbers(scalars: list[Any], dtype: str) -> Any:
    if dtype not in _NUMBERS:
        raise Status("UNIMPLEMENTED", f"Conversion of JSON Value to type: {dtype}")
    checked, exact = _NUMBERS[dtype]
    kinds = _KINDS.get(dtype, {int})
    if not set(map(type, scalars)) <= kinds:
        raise _wrong_type(next(item for item in scalars if type(item) not in kinds), dtype)
    try:
        numbers = np.array(scalars, checked)
    except OverflowError as error:
        raise _wrong_type(max(scalars, key=abs), dtype) from error
    with np.errstate(over="ignore"):  # a number that is too large for a float is infinite
        return numbers.astype(exact)


def is_base64(value: Any) -> bool:
    """Return whether a value is an object that encodes bytes: {"b64": "..."}."""
    return isinstance(value, dict) and list(value) == ["b64"] and isinstance(value["b64"], str)


def to_bytes(value: Any) -> bytes:
    """Return the bytes of a string, or of an object that encodes them."""
    if isinstance(value, str):
        try:
            return value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise invalid("The surrogate pair in string is invalid.") from error
    if not is_base64(value):
        raise _wrong_type(value, "string")
    text = "".join(value["b64"].split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise invalid("Unable to base64 decode") from error


def _wrong_type(value: Any, dtype: str) -> Status:
    return invalid(f"JSON Value: {quote(value)} is not of expected type: {dtype}")
