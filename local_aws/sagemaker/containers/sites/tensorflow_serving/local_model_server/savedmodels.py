"""Load SavedModels and run their signatures; the only module that imports TensorFlow."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from local_model_server.files import GRAPH
from local_model_server.status import Status, invalid

_NAMES = {tf.float32: "float", tf.float64: "double"}  # other types have the same name in Python
_CODES = {
    value: name
    for name, value in vars(tf.errors).items()
    if name.isupper() and isinstance(value, int)
}
# Text that Python's TensorFlow adds around the error of an operation; TensorFlow Serving does not.
_DECORATION = re.compile(r"\A.*<stack traces unavailable>\n| \[Op:[^\]]*\]\Z", re.DOTALL)


def limit_threads(intra_op: int, inter_op: int) -> None:
    """Set TensorFlow's numbers of threads; call this before loading a model."""
    tf.config.threading.set_intra_op_parallelism_threads(intra_op)
    tf.config.threading.set_inter_op_parallelism_threads(inter_op)


class Signature:
    """A function of a SavedModel: the names and types of its inputs, and how to run it."""

    def __init__(self, function: Any, method: str) -> None:
        self._function, self.method = function, method
        specs = function.structured_input_signature[1]
        self._types = {name: spec.dtype for name, spec in specs.items()}
        self.inputs = {name: _NAMES.get(kind, kind.name) for name, kind in self._types.items()}

    def run(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Return the named outputs; raise Status with the error of the operation that failed."""
        tensors = {
            name: tf.convert_to_tensor(array, self._types[name]) for name, array in arrays.items()
        }
        try:
            outputs = self._function(**tensors)
            return {name: np.asarray(tensor.numpy()) for name, tensor in outputs.items()}
        except tf.errors.OpError as error:
            code = _CODES.get(error.error_code, "UNKNOWN")
            raise Status(code, _DECORATION.sub("", str(error.message))) from error
        except (TypeError, ValueError) as error:
            raise invalid(str(error)) from error


class SavedModel:
    """A loaded SavedModel: its signatures, and their definitions as JSON values."""

    def __init__(self, folder: Path) -> None:
        message = saved_model_pb2.SavedModel()
        message.ParseFromString((folder / GRAPH).read_bytes())
        graphs = [item for item in message.meta_graphs if "serve" in item.meta_info_def.tags]
        if not graphs:
            raise ValueError("Could not find meta graph def matching supplied tags: { serve }")
        definitions = graphs[0].signature_def
        self._loaded = tf.saved_model.load(str(folder), tags=["serve"])
        self.signatures = {
            name: Signature(function, definitions[name].method_name)
            for name, function in self._loaded.signatures.items()
        }
        self.definitions = {
            name: json_format.MessageToDict(
                definition,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
            for name, definition in sorted(definitions.items())
        }
