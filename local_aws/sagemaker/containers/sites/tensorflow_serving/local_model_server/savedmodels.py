"""Load SavedModels and run their signatures; the only module that imports TensorFlow."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.example import example_pb2
from tensorflow.core.protobuf import config_pb2, saved_model_pb2

from local_model_server.settings import GRAPH
from local_model_server.status import Status, invalid

_NO_VARIABLES = "not a valid checkpoint"  # in the error of Python's Saver, which checks it itself
_NAMES = {tf.float16: "half", tf.float32: "float", tf.float64: "double"}  # others are the same
_CODES = {
    value: name
    for name, value in vars(tf.errors).items()
    if name.isupper() and isinstance(value, int)
}


class StandInRefusal(Exception):
    """A SavedModel that TensorFlow Serving might load, but the stand-in cannot."""


class Signature:
    """A function of a SavedModel: the names and types of its inputs, and how to run it."""

    def __init__(self, session: Any, definition: Any) -> None:
        self.text, self._session = str(definition), session
        self._feeds = {name: info.name for name, info in definition.inputs.items() if info.name}
        self.outputs = {name: info.name for name, info in definition.outputs.items() if info.name}
        find = session.graph.get_tensor_by_name
        kinds = {name: find(tensor).dtype for name, tensor in self._feeds.items()}
        self.inputs = {name: _NAMES.get(kind, kind.name) for name, kind in kinds.items()}

    @cached_property
    def _step(self) -> Any:
        # Unlike Session.run of Python, it takes arrays of any shape, as TensorFlow Serving does.
        options = config_pb2.CallableOptions(feed=self._feeds.values(), fetch=self.outputs.values())
        return self._session._make_callable_from_options(options)

    def run(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs; raise Status with the error of a failed operation."""
        try:
            values = self._step(*(arrays[name] for name in self._feeds))
        except tf.errors.OpError as error:
            code = _CODES.get(error.error_code, "UNKNOWN")
            raise Status(code, error.message) from error
        except (TypeError, ValueError) as error:
            raise invalid(str(error)) from error
        return {name: _array(value) for name, value in zip(self.outputs, values, strict=True)}


def _array(value: Any) -> Any:
    """Return a fetched value as an array; a string without dimensions comes as bytes."""
    return np.asarray(value, np.object_) if isinstance(value, bytes) else np.asarray(value)


class SavedModel:
    """A loaded SavedModel: its signatures, and their definitions as JSON values."""

    def __init__(self, folder: Path, intra_op: int, inter_op: int) -> None:
        """Load it for some threads; raise StandInRefusal or the error of TensorFlow Serving."""
        message = saved_model_pb2.SavedModel()
        message.ParseFromString((folder / GRAPH).read_bytes())
        graphs = [item for item in message.meta_graphs if "serve" in item.meta_info_def.tags]
        if not graphs:
            raise tf.errors.NotFoundError(
                None, None, "Could not find meta graph def matching supplied tags: { serve }"
            )
        definitions = graphs[0].signature_def
        try:
            config = config_pb2.ConfigProto(
                intra_op_parallelism_threads=intra_op, inter_op_parallelism_threads=inter_op
            )
            self.signatures = _load(folder, definitions, config)
        except Exception as error:  # TensorFlow's Python code raises many types
            in_common = isinstance(error, tf.errors.OpError) or _NO_VARIABLES in str(error)
            if in_common and "Op type not registered" not in str(error):
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

    @staticmethod
    def serialized(features: Mapping[str, list[Any]]) -> bytes:
        """Return features as an Example in the format of protocol buffers."""
        fields = {bytes: "bytes_list", float: "float_list", int: "int64_list"}
        example = example_pb2.Example()
        for name, values in features.items():
            # Python's protocol buffers refuse a name that is not UTF-8; no model knows one.
            feature = example.features.feature[name.encode("utf-8", "replace").decode()]
            if values:
                getattr(feature, fields[type(values[0])]).value.extend(values)
        return bytes(example.SerializeToString())


def _load(folder: Path, definitions: Mapping[str, Any], config: Any) -> dict[str, Signature]:
    """Load the graph and its variables, as TensorFlow Serving does; return the signatures.

    The objects in a SavedModel, such as layers and optimizers, are not needed for serving.
    """
    session = tf.compat.v1.Session(graph=tf.Graph(), config=config)
    with session.graph.as_default():
        tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
    session.graph.finalize()
    return {
        name: Signature(session, definition)
        for name, definition in definitions.items()
        if not name.startswith("__saved_model")  # the operation that initializes the model
    }
