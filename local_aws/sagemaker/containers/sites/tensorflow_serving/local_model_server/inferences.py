"""Check signatures and outputs for classify and regress requests.

The checks are those of TensorFlow Serving's classifier.cc and regressor.cc. As there, the method
that a signature names does not count.
"""

from typing import Any

import numpy as np

from local_model_server.json_requests import shape_text
from local_model_server.json_responses import classifications_body, regressions_body
from local_model_server.status import invalid

INPUT = "inputs"
_OUTPUTS = {"classify": ("classes", "scores"), "regress": ("outputs",)}
_TYPES = {"classes": "DT_STRING", "scores": "DT_FLOAT", "outputs": "DT_FLOAT"}
_OTHER_NAMES = {"object": "STRING", "float16": "HALF", "float32": "FLOAT", "float64": "DOUBLE"}


def outputs_for(method: str, signature: Any) -> tuple[str, ...]:
    """Return the names of a signature's outputs that make the results; raise Status if none do."""
    count = len(signature.outputs)
    verb = "regression" if method == "regress" else "classification"
    if len(signature.inputs) != 1:
        raise invalid("Expected one input Tensor.")
    if method == "regress" and count != 1:
        raise invalid("Expected one output Tensor.")
    if count not in (1, 2):
        raise invalid(f"Expected one or two output Tensors, found {count}")
    if INPUT not in signature.inputs:
        raise invalid(f"No {verb} inputs found in SignatureDef: {signature.text}")
    names = tuple(name for name in _OUTPUTS[method] if name in signature.outputs)
    if not names and method == "regress":
        raise invalid(f"No regression outputs found in SignatureDef: {signature.text}")
    if not names:
        raise invalid(
            'Expected classification signature outputs to contain at least one of "classes" or '
            f'"scores". Signature was: {signature.text}'
        )
    if (kind := signature.inputs[INPUT]) != "string":  # TensorFlow's own error
        raise invalid(f"Expects arg[0] to be {kind} but string is provided")
    return names


def results_body(method: str, outputs: dict[str, Any], count: int) -> bytes:
    """Return the response with the results of `count` examples; raise Status if they do not fit."""
    if method == "regress":
        return regressions_body(_checked_regressions(outputs["outputs"], count))
    for name, values in outputs.items():
        if values.ndim != 2:
            raise invalid(
                f"Expected Tensor shape: [batch_size num_classes] but got {shape_text(values)}"
            )
        if _type(values) != _TYPES[name]:
            raise invalid(f"Expected {name} Tensor of {_TYPES[name]}. Got: {_type(values)}")
        if len(values) != count:
            raise invalid(f"Expected {name} output batch size of {count}. Got: {len(values)}")
    widths = [values.shape[1] for values in outputs.values()]
    if widths[0] != widths[-1]:
        raise invalid(
            f"Tensors class and score should match in dim_size(1). Got {widths[0]} vs. {widths[1]}"
        )
    missing = {"classes": np.full((count, widths[0]), b"", np.object_)}
    missing["scores"] = np.zeros((count, widths[0]), np.float32)
    return classifications_body(**missing | outputs)


def _checked_regressions(values: Any, count: int) -> Any:
    if values.ndim != 1 and (values.ndim != 2 or values.shape[1] != 1):
        raise invalid(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got "
            f"{shape_text(values)}"
        )
    if len(values) != count:
        raise invalid(
            f"Input batch size did not match output batch size: {count} vs. {len(values)}"
        )
    if _type(values) != _TYPES["outputs"]:
        raise invalid(f"Expected output Tensor of DT_FLOAT.  Got: {_type(values)}")
    return values.ravel()


def _type(values: Any) -> str:
    """Return TensorFlow's name of an array's type."""
    name = values.dtype.name
    return f"DT_{_OTHER_NAMES.get(name, name.upper())}"
