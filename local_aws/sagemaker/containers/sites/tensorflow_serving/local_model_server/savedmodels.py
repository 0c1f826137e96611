"""Load SavedModels and run their signatures; the only module that imports TensorFlow."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from local_model_server.files import GRAPH
from local_model_server.status import Status, invalid

_Function = Callable[[Mapping[str, Any]], dict[str, Any]]  # tensors to NumPy arrays
_Loaded = tuple[Any, dict[str, "Signature"]]
# Errors of the code that TensorFlow Serving has too; Python wraps that of a missing file.
_COMMON = (tf.errors.OpError, FileNotFoundError)
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


class StandInRefusal(Exception):
    """A SavedModel that TensorFlow Serving might load, but the stand-in cannot."""


class Signature:
    """A function of a SavedModel: the names and types of its inputs, and how to run it."""

    def __init__(self, method: str, types: Mapping[str, tf.DType], function: _Function) -> None:
        self.method, self._types, self._function = method, types, function
        self.inputs = {name: _NAMES.get(kind, kind.name) for name, kind in types.items()}

    def run(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Return the named outputs; raise Status with the error of the operation that failed."""
        tensors = {
            name: tf.convert_to_tensor(array, self._types[name]) for name, array in arrays.items()
        }
        try:
            outputs = self._function(tensors)
            return {name: np.asarray(value) for name, value in outputs.items()}
        except tf.errors.OpError as error:
            code = _CODES.get(error.error_code, "UNKNOWN")
            raise Status(code, _DECORATION.sub("", _message(error))) from error
        except (TypeError, ValueError) as error:
            raise invalid(str(error)) from error


class SavedModel:
    """A loaded SavedModel: its signatures, and their definitions as JSON values."""

    def __init__(self, folder: Path) -> None:
        """Load it; raise StandInRefusal, or the error with which TensorFlow Serving fails too."""
        message = saved_model_pb2.SavedModel()
        message.ParseFromString((folder / GRAPH).read_bytes())
        graphs = [item for item in message.meta_graphs if "serve" in item.meta_info_def.tags]
        if not graphs:
            raise tf.errors.NotFoundError(
                None, None, "Could not find meta graph def matching supplied tags: { serve }"
            )
        load = _load_into_session if _needs_session(graphs[0]) else _load_objects
        definitions = graphs[0].signature_def
        try:
            self._owner, self.signatures = load(folder, definitions)
        except Exception as error:  # TensorFlow's Python code raises many types
            if isinstance(error, _COMMON) and "Op type not registered" not in str(error):
                raise
            raise StandInRefusal(f"{type(error).__name__}: {error}") from error
        self.definitions = {
            name: json_format.MessageToDict(
                definition,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
            for name, definition in sorted(definitions.items())
        }


def _needs_session(graph: Any) -> bool:
    """Return whether TensorFlow 2 cannot load the objects of a graph, which serving does not need.

    TensorFlow 1 stores none. Keras 2 stores optimizers, whose slot variables only Keras 2 can load.
    """
    nodes = graph.object_graph_def.nodes
    return not nodes or any(node.slot_variables for node in nodes)


def _load_objects(folder: Path, definitions: Mapping[str, Any]) -> _Loaded:
    """Return the objects, which own the variables, and the signatures."""
    loaded = tf.saved_model.load(str(folder), tags=["serve"])
    signatures = {}
    for name, function in loaded.signatures.items():
        specs = function.structured_input_signature[1]
        types = {key: spec.dtype for key, spec in specs.items()}
        signatures[name] = Signature(definitions[name].method_name, types, _eager(function))
    return loaded, signatures


def _eager(function: Any) -> _Function:
    def run(tensors: Mapping[str, Any]) -> dict[str, Any]:
        return {name: tensor.numpy() for name, tensor in function(**tensors).items()}

    return run


def _load_into_session(folder: Path, definitions: Mapping[str, Any]) -> _Loaded:
    """Load the graph and its variables, as TensorFlow Serving does; return the session as well."""
    threads = tf.config.threading
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=threads.get_intra_op_parallelism_threads(),
        inter_op_parallelism_threads=threads.get_inter_op_parallelism_threads(),
    )
    session = tf.compat.v1.Session(graph=tf.Graph(), config=config)
    with session.graph.as_default():
        tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
    session.graph.finalize()
    return session, {
        name: _signature_in_session(session, definition)
        for name, definition in definitions.items()
        if not name.startswith("__saved_model")  # the operation that initializes the model
    }


def _signature_in_session(session: Any, definition: Any) -> Signature:
    find = session.graph.get_tensor_by_name
    inputs = {name: find(info.name) for name, info in definition.inputs.items() if info.name}
    outputs = {name: find(info.name) for name, info in definition.outputs.items() if info.name}

    def run(tensors: Mapping[str, Any]) -> dict[str, Any]:
        feeds = {inputs[name]: tensor.numpy() for name, tensor in tensors.items()}
        results: dict[str, Any] = session.run(outputs, feeds)
        return results

    types = {name: tensor.dtype for name, tensor in inputs.items()}
    return Signature(definition.method_name, types, run)


def _message(error: Any) -> str:
    """Return the message of an operation; a session raises another error with a Python position."""
    original = error.__context__
    return str(original.message if isinstance(original, tf.errors.OpError) else error.message)
