"""Export a trained network as the SavedModel that TensorFlow Serving serves.

The signature `serving_default` takes the network's own inputs by name. Networks for texts also
have `texts`, which takes raw strings if the encoder has a graph, and networks for images have
`png`, which takes PNG files. All signatures return `probabilities`.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from newsgroup_classifier.errors import ArtifactError
from newsgroup_classifier.export.text_graph import TextGraph, text_graph
from newsgroup_classifier.text.encoders import Encoder

DEFAULT, BY_TEXTS, BY_PNG = "serving_default", "texts", "png"
OUTPUT = "probabilities"
TOLERANCE = 1e-6
Inputs = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Sample:
    """Examples to check an export with: the network's inputs, and the raw texts or images."""

    inputs: Inputs
    texts: Sequence[str] = ()
    images: np.ndarray | None = None


class _Served(tf.Module):
    """A network, its variables, and the encoder in front of it."""

    def __init__(self, model: keras.Model, encoder: TextGraph | None) -> None:
        super().__init__()
        self.model_variables = [variable.value for variable in model.variables]
        self.encoder = encoder
        self._model = model

    def signatures(self) -> dict[str, Any]:
        """Return the functions that TensorFlow Serving calls, by name."""
        inputs = self._model.inputs
        specs = [tf.TensorSpec(each.shape, each.dtype, name=each.name) for each in inputs]
        functions = {DEFAULT: tf.function(self._by_inputs, input_signature=specs)}
        if self.encoder is not None:
            functions[BY_TEXTS] = _of_strings(self._by_texts, BY_TEXTS)
        if [each.name for each in inputs] == ["pixels"]:
            functions[BY_PNG] = _of_strings(self._by_png, BY_PNG)
        return {name: function.get_concrete_function() for name, function in functions.items()}

    def _by_inputs(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        names = [each.name for each in self._model.inputs]
        return {OUTPUT: self._model(dict(zip(names, tensors, strict=True)), training=False)}

    def _by_texts(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        if self.encoder is None:
            raise TypeError("this network has no graph for texts")
        return {OUTPUT: self._model(self.encoder.inputs(texts), training=False)}

    def _by_png(self, files: tf.Tensor) -> dict[str, tf.Tensor]:
        _, height, width = self._model.inputs[0].shape

        def decode(file: tf.Tensor) -> tf.Tensor:
            return tf.ensure_shape(tf.io.decode_png(file, channels=1), [height, width, 1])

        decoded = tf.map_fn(decode, files, fn_output_signature=tf.uint8)
        pixels = tf.cast(tf.reshape(decoded, [-1, height, width]), tf.float32)
        return {OUTPUT: self._model({"pixels": pixels}, training=False)}


def _of_strings(function: Callable[[tf.Tensor], dict[str, tf.Tensor]], name: str) -> Any:
    return tf.function(function, input_signature=[tf.TensorSpec([None], tf.string, name=name)])


def write_saved_model(model: keras.Model, encoder: Encoder | None, folder: Path) -> None:
    """Write a network and its optional encoder; the folder is complete or absent."""
    served = _Served(model, text_graph(encoder) if encoder else None)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    tf.saved_model.save(served, str(part), signatures=served.signatures())
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)


def check_saved_model(folder: Path, model: keras.Model, sample: Sample) -> None:
    """Raise ArtifactError unless the loaded SavedModel returns the network's probabilities.

    Both get the same batch: the last digits of a row's probabilities depend on the other rows.
    """
    run = tf.function(lambda inputs: model(inputs, training=False))
    expected = np.asarray(run(dict(sample.inputs)))
    signatures = tf.saved_model.load(str(folder)).signatures
    inputs: dict[str, dict[str, tf.Tensor]] = {
        DEFAULT: {name: tf.constant(array) for name, array in sample.inputs.items()}
    }
    if BY_TEXTS in signatures:
        inputs[BY_TEXTS] = {BY_TEXTS: tf.constant(list(sample.texts), tf.string)}
    if BY_PNG in signatures and sample.images is not None:
        files = [tf.io.encode_png(image[:, :, None]) for image in sample.images]
        inputs[BY_PNG] = {BY_PNG: tf.stack(files)}
    for name, tensors in inputs.items():
        actual = np.asarray(signatures[name](**tensors)[OUTPUT])
        same_shape = actual.shape == expected.shape
        difference = float(np.abs(actual - expected).max()) if same_shape else np.inf
        if not difference <= TOLERANCE:
            raise ArtifactError(
                f"{folder}: the probabilities of the signature {name} differ by {difference:g} "
                f"from those in memory; expected at most {TOLERANCE:g}. The model was not saved."
            )
