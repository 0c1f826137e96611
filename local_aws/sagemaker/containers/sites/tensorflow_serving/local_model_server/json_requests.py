"""Read the bodies of requests: arrays of predict requests, and examples of the others."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from local_model_server.json_values import (
    check_numbers,
    is_base64,
    parse,
    quote,
    to_array,
    to_bytes,
)
from local_model_server.status import Status, invalid

Arrays = dict[str, Any]
Inputs = Mapping[str, str]  # the name and the TensorFlow type of each input of a signature
Features = dict[str, list[Any]]  # values of one type: bytes, floats, or integers


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
