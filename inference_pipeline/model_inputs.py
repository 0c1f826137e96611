"""Write requests for TensorFlow Serving: one JSON object with the instances row by row.

Instances are bare values for a model with one input, and objects by input name for other models.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

BY_ARRAYS, BY_TEXTS, BY_PNG = "serving_default", "texts", "png"  # signatures of our SavedModels


def write_instances(instances: list[Any], signature: str) -> bytes:
    """Return the request for a signature with one input."""
    content = {"signature_name": signature, "instances": instances}
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def write_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return the request for a model's inputs by name; the first axis of each array is the rows."""
    rows = {name: [_row(row) for row in array] for name, array in arrays.items()}
    if len(rows) == 1:
        (instances,) = rows.values()
    else:
        instances = [
            "{" + ",".join(f'"{name}":{row}' for name, row in zip(rows, values, strict=True)) + "}"
            for values in zip(*rows.values(), strict=True)
        ]
    body = f'{{"signature_name":"{BY_ARRAYS}","instances":[{",".join(instances)}]}}'
    return body.encode("ascii")


def _row(row: NDArray[np.generic]) -> str:
    """Return a row as JSON; numpy writes a float32 in the shortest form that preserves it."""
    return "[" + ",".join(map(str, row)) + "]"
