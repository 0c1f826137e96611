"""The signatures and the results of classify and regress requests.

As in TensorFlow Serving, the method that a signature names does not count.
"""

from typing import Any

import numpy as np

from local_model_server.json_responses import json_value
from local_model_server.status import invalid

INPUT = "inputs"
_OUTPUTS = {"classify": ("classes", "scores"), "regress": ("outputs",)}
_DTYPES = {"classes": np.object_, "scores": np.float32, "outputs": np.float32}


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


def results(method: str, outputs: dict[str, Any], count: int) -> list[Any]:
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
