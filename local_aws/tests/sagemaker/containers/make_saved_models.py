"""Create the SavedModels of the tests; run it as a module with a folder as its argument.

The model `model` has the versions 1 and 2 and several signatures. The other models are of earlier
versions of TensorFlow and Keras.
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.modules["keras"] = None  # it is not needed, and its import is slow

import tensorflow as tf  # noqa: E402
from tensorflow.core.protobuf import saved_model_pb2  # noqa: E402


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
    """Save all models."""
    for version in (1, 2):
        model = Model(0.1 * version)
        signatures = {"serving_default": model.probabilities}
        signatures |= {"bags": model.bags, "texts": model.texts}
        signatures |= {"total": model.total, "types": model.types}
        tf.saved_model.save(model, str(folder / "model" / str(version)), signatures=signatures)
    save_with_optimizer(folder / "optimizer" / "1")
    save_with_version_1(folder / "version1" / "1")


def save_with_optimizer(folder: Path) -> None:
    """Save a model with an optimizer that has slot variables and that only Keras 2 can load."""
    model = Model(0.1)
    model.optimizer = tf.compat.v1.train.AdamOptimizer()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model.weights**2)
    gradient = tape.gradient(loss, model.weights)
    model.optimizer.apply_gradients([(gradient, model.weights)])
    model.weights.assign(tf.ones((4, 3)))
    tf.saved_model.save(model, str(folder), signatures=model.probabilities)
    graph, message = folder / "saved_model.pb", saved_model_pb2.SavedModel()
    message.ParseFromString(graph.read_bytes())
    for node in message.meta_graphs[0].object_graph_def.nodes:
        if node.slot_variables:
            node.user_object.identifier = "optimizer"
    graph.write_bytes(message.SerializeToString())


def save_with_version_1(folder: Path) -> None:
    """Save a graph of TensorFlow 1, with a variable, a table, and signatures of many kinds."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        words = v1.placeholder(tf.string, [None], "words")
        scale = v1.get_variable("scale", initializer=2.0, use_resource=False)
        keys = v1.lookup.KeyValueTensorInitializer(["one", "two"], [1.0, 2.0])
        table = v1.lookup.StaticHashTable(keys, -1.0)
        values = table.lookup(words) * scale
        ratio = tf.debugging.check_numerics(1 / values, "the ratio")
        examples = v1.placeholder(tf.string, [None], "examples")
        features = {"size": v1.FixedLenFeature([1], tf.float32),
                    "tag": v1.FixedLenFeature([1], tf.string, b"none")}  # fmt: skip
        parsed = v1.parse_example(examples, features)
        column = v1.placeholder(tf.float32, [None, 1], "column")
        half = column / scale
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        build = v1.saved_model.build_signature_def
        info = v1.saved_model.build_tensor_info
        inputs, method = {"words": info(words)}, "tensorflow/serving/predict"
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {
                "serving_default": build(
                    inputs, {"values": info(values), "same": info(tf.identity(words))},
                    method,
                ),
                "ratio": build(inputs, {"ratio": info(ratio)}, method),
                "half": build({"column": info(column)}, {"half": info(half)}, method),
                "input": build(inputs, inputs, method),
                "scalar": build(inputs, {"first": info(words[0])}, method),
                **inference_signatures(build, info, examples, parsed["size"], parsed["tag"]),
            },
            main_op=v1.tables_initializer(),
        )  # fmt: skip
        builder.save()


def inference_signatures(build, info, examples, sizes, tags):
    """Return the signatures for classify and regress requests, valid ones and others.

    Each has the method of predict requests, since TensorFlow Serving does not read it.
    """
    one, two = sizes, tf.concat([sizes, sizes], 1)
    outputs = {
        "regress": {"outputs": one * 2.0},
        "flat": {"outputs": tf.squeeze(sizes, 1)},
        "classify": {"classes": tags, "scores": one},
        "only-classes": {"classes": tags},
        "only-scores": {"scores": two, "probabilities": one},
        "neither": {"probabilities": two},
        "number-classes": {"classes": one},
        "other-widths": {"classes": tags, "scores": two},
        "extra": {"outputs": one, "sizes": one},
        "wide": {"outputs": two},
        "twice": {"outputs": tf.concat([sizes, sizes], 0)},
    }
    infos = {
        name: {output: info(tensor) for output, tensor in tensors.items()}
        for name, tensors in outputs.items()
    }
    method = "tensorflow/serving/predict"
    signatures = {
        name: build({"inputs": info(examples)}, tensors, method) for name, tensors in infos.items()
    }
    signatures["two-inputs"] = build(
        {"inputs": info(examples), "more": info(tags)}, infos["regress"], method
    )
    signatures["number-input"] = build({"inputs": info(sizes)}, infos["regress"], method)
    return signatures


if __name__ == "__main__":
    main(Path(sys.argv[1]))
