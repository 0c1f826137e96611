"""Read the bodies of requests: JSON as TensorFlow Serving reads it, and its values as arrays.

Integers must be whole numbers; floats can be any number. null, strings, and booleans are not
numbers. All lists at one level have the same length.
"""

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
Arrays = dict[str, Any]
Inputs = Mapping[str, str]  # the name and the TensorFlow type of each input of a signature
Features = dict[str, list[Any]]  # values of one type: bytes, floats, or integers


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


@dataclass(frozen=True)
class PredictRequest:
    """A predict request: its signature ("" for the default), its inputs, and the output format."""

    signature: str
    arrays: Arrays
    in_rows: bool


def read_request(body: bytes, inputs_of: Callable[[str], Inputs]) -> PredictRequest:
    """Read `instances` (rows) or `inputs` (columns); `inputs_of` returns a signature's inputs.

    Raise Status for a request that TensorFlow Serving refuses, or what `inputs_of` raises.
    """
    document = parse(body)
    signature = _signature(document)
    inputs = inputs_of(signature)
    if "instances" in document and "inputs" in document:
        raise invalid("Expecting only one of 'inputs' or 'instances' keys to exist")
    in_rows = "inputs" not in document
    arrays = _rows(document, inputs) if in_rows else _columns(document["inputs"], inputs)
    if any(array.dtype.kind == "f" and np.isinf(array).any() for array in arrays.values()):
        check_numbers(body)
    return PredictRequest(signature, arrays, in_rows)


def read_examples(body: bytes) -> tuple[str, list[Features]]:
    """Return the signature of a classify or regress request, and the features of each example."""
    document = parse(body)
    signature = _signature(document)
    context = _features(document.get("context", {}))
    examples = document.get("examples")
    if not isinstance(examples, list) or not examples:
        raise invalid("Expecting 'examples' to be an list/array that is not empty")
    features = [context | _features(example) for example in examples]
    values = (value for example in features for values in example.values() for value in values)
    if any(isinstance(value, float) and math.isinf(value) for value in values):
        check_numbers(body)
    return signature, features


def _signature(document: dict[str, Any]) -> str:
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid("'signature_name' key must be a string value.")
    return signature


def _columns(value: Any, inputs: Inputs) -> Arrays:
    if not _is_named(value):
        _check_single(inputs, "inputs is a plain value/list, but expecting an object")
        value = dict.fromkeys(inputs, value)
    for name in inputs:
        if name not in value:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return {name: to_array(value[name], dtype) for name, dtype in inputs.items()}


def _rows(document: dict[str, Any], inputs: Inputs) -> Arrays:
    if "instances" not in document:
        raise invalid("Missing 'inputs' or 'instances' key")
    instances = document["instances"]
    if not isinstance(instances, list):
        raise invalid("Expecting 'instances' to be an list/array")
    if not instances:
        raise invalid("No values in 'instances' array")
    if not any(map(_is_named, instances)):
        _check_single(inputs, "instances is a plain list, but expecting list of objects")
        return {name: _column(instances, dtype) for name, dtype in inputs.items()}
    for number, item in enumerate(instances):
        if not _is_named(item) or item.keys() != inputs.keys():
            raise invalid(
                f"Failed to process element: {number} of 'instances' list. JSON object: "
                f"{quote(item)} keys must be equal to: {','.join(sorted(inputs))}"
            )
    return {
        name: _column([item[name] for item in instances], dtype) for name, dtype in inputs.items()
    }


def _column(values: list[Any], dtype: str) -> Any:
    """Return the array of one input; an error names the first element that has one."""
    try:
        return to_array(values, dtype)
    except Status:
        for number, value in enumerate(values):
            try:
                to_array(value, dtype)
            except Status as error:
                raise invalid(
                    f"Failed to process element: {number} of 'instances' list. Error: {error}"
                ) from error
        raise  # the elements have different shapes


def _check_single(inputs: Inputs, problem: str) -> None:
    if len(inputs) != 1:
        raise invalid(f"{problem} as multiple input tensors required as per tensorinfo_map")


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and not is_base64(item)


def _features(example: Any) -> Features:
    if not isinstance(example, dict):
        raise invalid(f"Example must be JSON object but got JSON Value: {quote(example)}")
    return {name: _values(name, value) for name, value in example.items()}


def _values(name: str, value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    values = [_feature(name, item) for item in items]
    if len(set(map(type, values))) > 1:
        raise invalid(f"Unexpected element type in feature: {name}")
    return values


def _feature(name: str, value: Any) -> bytes | float | int:
    if isinstance(value, str) or is_base64(value):
        return to_bytes(value)
    if isinstance(value, float):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return int(value)  # a boolean, too
    raise invalid(f"Feature: {name} has element with unexpected JSON Value: {quote(value)}")
