"""Create the SavedModels of the tests; run it as a module with a folder as its argument.

The model `model` has the versions 1 and 2 and several signatures.
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.modules["keras"] = None  # it is not needed, and its import is slow

import tensorflow as tf  # noqa: E402


class Model(tf.Module):
    """Functions with results that are easy to check."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.weights = tf.Variable(tf.reshape(tf.range(12.0) * scale, (4, 3)))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, "pixels")])
    def probabilities(self, pixels):
        """Return one output for one input."""
        return {"probabilities": tf.nn.softmax(pixels @ self.weights)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None], tf.int32, "tokens"),
            tf.TensorSpec([None, None], tf.float32, "weights"),
        ]
    )
    def bags(self, tokens, weights):
        """Return two outputs for two inputs; one is the number of rows in the batch."""
        sums = tf.reduce_sum(tf.cast(tokens, tf.float32) * weights, axis=1)
        return {"sum": sums, "batch_size": tf.fill([tf.shape(tokens)[0]], tf.shape(tokens)[0])}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "texts")])
    def texts(self, texts):
        """Return strings and bytes for strings."""
        return {"length": tf.strings.length(texts), "same": texts, "same_bytes": texts}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "values")])
    def total(self, values):
        """Return an output without rows."""
        return {"total": tf.reduce_sum(values)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.bool, "truth"),
            tf.TensorSpec([None], tf.int64, "long"),
            tf.TensorSpec([None], tf.float64, "double"),
            tf.TensorSpec([None], tf.uint8, "byte"),
        ]
    )
    def types(self, truth, long, double, byte):
        """Return values of other types unchanged."""
        return {"truth": truth, "long": long, "double": double, "byte": byte}


def main(folder: Path) -> None:
    """Save both versions."""
    for version in (1, 2):
        model = Model(0.1 * version)
        signatures = {"serving_default": model.probabilities}
        signatures |= {"bags": model.bags, "texts": model.texts}
        signatures |= {"total": model.total, "types": model.types}
        tf.saved_model.save(model, str(folder / "model" / str(version)), signatures=signatures)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
