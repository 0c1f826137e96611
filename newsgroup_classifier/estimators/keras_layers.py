"""Keras layers and parts of networks that several recipes share.

The layers need no registration: an artifact holds a SavedModel, whose graph has their operations.
"""

import keras
import tensorflow as tf


def compiled(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """Return the model compiled for labels that are class numbers."""
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def weighted_inputs() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the inputs of n rows of m token ids (`tokens`) and their weights (`weights`)."""
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    return tokens, keras.Input((None,), dtype="float32", name="weights")


class WeightedSum(keras.layers.Layer):
    """Sum n rows of m vectors by their weights: (n, m, k) and (n, m) to (n, k)."""

    def call(self, vectors: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """Return the sums."""
        return tf.einsum("nmk,nm->nk", vectors, weights)

    def compute_output_shape(
        self, vectors_shape: tuple[int | None, ...], weights_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Return (n, k)."""
        return (weights_shape[0], vectors_shape[2])


class SpreadRows(keras.layers.Layer):
    """Spread n rows of m token ids and weights to dense rows of `size` columns.

    Padding has the id 0 and the weight 0, so column 0 stays 0.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def call(self, tokens: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """Return rows of shape (n, size)."""
        shape = tf.shape(tokens)
        rows = tf.repeat(tf.range(shape[0]), shape[1])
        places = tf.stack([rows, tf.reshape(tokens, [-1])], axis=1)
        spread = tf.scatter_nd(places, tf.reshape(weights, [-1]), [shape[0], self.size])
        return tf.ensure_shape(spread, [None, self.size])

    def compute_output_shape(
        self, tokens_shape: tuple[int | None, ...], weights_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Return (n, size)."""
        return ((tokens_shape or weights_shape)[0], self.size)
