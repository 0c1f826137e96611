"""Response bodies with the numbers that TensorFlow Serving writes.

A float has six digits if these identify it exactly, and nine otherwise.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from local_model_server.status import invalid

_NOT_WRITTEN = ("float16", "uint16")  # as in the real server
INPUT = "inputs"
_OUTPUTS = {"classify": ("classes", "scores"), "regress": ("outputs",)}
_DTYPES = {"classes": np.object_, "scores": np.float32, "outputs": np.float32}


def error_body(text: str) -> bytes:
    """Return the body of an error response."""
    return json.dumps({"error": text}, indent=4).encode()


def result_body(key: str, value: Any) -> bytes:
    """Return the body of a response; strings may contain bytes that are not UTF-8."""
    text = f'{{\n    "{key}": {json.dumps(value, ensure_ascii=False)}\n}}'
    return text.encode("utf-8", "surrogateescape")


def rows_body(outputs: Mapping[str, Any]) -> bytes:
    """Return `predictions`: one value per row, or one object if there are several outputs."""
    for name, values in outputs.items():
        if not values.shape:
            raise invalid(f"Tensor name: {name} has no shape information ")
    sizes = {name: len(values) for name, values in outputs.items()}
    if len(set(sizes.values())) > 1:
        raise invalid(f"Tensors have inconsistent batch sizes: {sizes}")
    columns = _columns(outputs)
    rows = next(iter(columns.values()))
    if len(columns) > 1:
        table = zip(*columns.values(), strict=True)
        rows = [dict(zip(columns, row, strict=True)) for row in table]
    return result_body("predictions", rows)


def columns_body(outputs: Mapping[str, Any]) -> bytes:
    """Return `outputs`: the value of the only output, or an object if there are several outputs."""
    columns = _columns(outputs)
    value = columns if len(columns) > 1 else next(iter(columns.values()))
    return result_body("outputs", value)


def _columns(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json_value(values, name) for name, values in sorted(outputs.items())}


def json_value(values: Any, name: str = "") -> Any:
    """Return an array as a JSON value: nested lists of numbers, booleans, or strings."""
    kind = values.dtype.kind
    if kind not in "fiubO" or values.dtype.name in _NOT_WRITTEN:
        raise invalid(f"Failed to write JSON value for tensor type: {values.dtype.name}")
    if values.dtype == np.float32:
        return _short_floats(values.ravel()).reshape(values.shape).tolist()
    if kind == "O":
        as_bytes = name.endswith("_bytes")
        strings = np.empty(values.size, np.object_)
        strings[:] = [_string(value, as_bytes) for value in values.ravel().tolist()]
        return strings.reshape(values.shape).tolist()
    return values.tolist()


def _short_floats(flat: Any) -> Any:
    numbers = np.array([f"{value:.6g}" for value in flat.tolist()], np.float64)
    inexact = numbers.astype(np.float32) != flat
    numbers[inexact] = [float(f"{value:.9g}") for value in flat[inexact].tolist()]
    return numbers


def _string(value: bytes, as_bytes: bool) -> Any:
    if as_bytes:
        return {"b64": base64.b64encode(value).decode()}
    return value.decode("utf-8", "surrogateescape")


def outputs_for(method: str, signature: Any) -> list[str]:
    """Return the names of a signature's outputs that make the results; raise Status if none do."""
    wanted = _OUTPUTS[method]
    names = [name for name in wanted if name in signature.outputs]
    is_string = signature.inputs == {INPUT: "string"}
    if not is_string or not names or len(signature.outputs) > len(wanted):
        raise invalid(
            f"A signature for {method} requests needs the string input {INPUT!r} and the output "
            f"{' or '.join(map(repr, wanted))}. Signature was: {signature.text}"
        )
    return names


def inference_results(method: str, outputs: dict[str, Any], count: int) -> list[Any]:
    """Return the results of `count` examples: numbers, or lists with pairs of class and score."""
    tables = {name: _table(name, values, count) for name, values in outputs.items()}
    widths = {table.shape[1] for table in tables.values()}
    if len(widths) > 1 or (method == "regress" and widths != {1}):
        raise invalid(f"Tensors have unexpected numbers of columns: {sorted(widths)}")
    if method == "regress":
        return list(json_value(tables["outputs"].ravel()))
    shape = (count, widths.pop())
    missing = {"classes": np.full(shape, b"", np.object_), "scores": np.zeros(shape, np.float32)}
    classes, scores = (json_value((missing | tables)[name]) for name in ("classes", "scores"))
    return [
        [list(pair) for pair in zip(*row, strict=True)] for row in zip(classes, scores, strict=True)
    ]


def _table(name: str, values: Any, count: int) -> Any:
    """Return an output as a table with a row for each example; a list of numbers is a column."""
    table = values[:, None] if name == "outputs" and values.ndim == 1 else values
    if table.ndim != 2 or len(table) != count or table.dtype != _DTYPES[name]:
        raise invalid(
            f"Expected {name} Tensor with a row for each of {count} examples. Got: "
            f"{values.dtype} of shape {list(values.shape)}"
        )
    return table
