"""Networks for texts: compiled, untrained Keras models on what the text encoders make.

Inputs are named: `tokens` int32 (n, m) with the id 0 for padding, and `weights` float32 (n, m) for
the encoders that weigh. The output is a probability for each class.
"""

from collections.abc import Mapping

import keras
from keras import layers

from newsgroup_classifier.estimators.keras_layers import SpreadRows, WeightedSum
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import Sizes

DENSE_UNITS = (250, 100)


def compiled(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """Return the model compiled for labels that are numbers of classes."""
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_lstm(hyperparameters: Mapping[str, Value], sizes: Sizes) -> keras.Model:
    """Return word vectors, an LSTM over them, and a softmax over its last output."""
    tokens = keras.Input((int(hyperparameters["length"]),), dtype="int32", name="tokens")
    vectors = layers.Embedding(
        sizes.tokens,
        int(hyperparameters["embedding"]),
        mask_zero=hyperparameters["masking"] == "yes",
    )(tokens)
    dropped = float(hyperparameters["word_dropout"])
    vectors = layers.Dropout(dropped, noise_shape=(None, None, 1))(vectors)
    vectors = layers.SpatialDropout1D(float(hyperparameters["spatial_dropout"]))(vectors)
    lstm = layers.LSTM(
        int(hyperparameters["units"]),
        dropout=float(hyperparameters["dropout"]),
        recurrent_dropout=float(hyperparameters["recurrent_dropout"]),
    )
    reader = layers.Bidirectional(lstm) if hyperparameters["direction"] == "both" else lstm
    state = layers.Dropout(float(hyperparameters["last_dropout"]))(reader(vectors))
    output = layers.Dense(sizes.classes, activation="softmax")(state)
    model = keras.Model({"tokens": tokens}, output)
    return compiled(model, keras.optimizers.Adam(float(hyperparameters["learning_rate"])))


def build_weighted_bag(hyperparameters: Mapping[str, Value], sizes: Sizes) -> keras.Model:
    """Return a vector for each n-gram, their weighted sum as hidden layer, and a softmax."""
    tokens, weights = _weighted_inputs()
    hidden = int(hyperparameters["hidden"])
    if hidden:
        vectors = layers.Embedding(sizes.tokens, hidden)(tokens)
        summed = layers.ReLU()(WeightedSum()(vectors, weights))
        summed = layers.Dropout(float(hyperparameters["dropout"]))(summed)
        output = layers.Dense(sizes.classes, activation="softmax")(summed)
    else:  # the vectors are of the classes themselves: a logistic regression
        vectors = layers.Embedding(sizes.tokens, sizes.classes, embeddings_initializer="zeros")(
            tokens
        )
        output = layers.Softmax()(WeightedSum()(vectors, weights))
    model = keras.Model({"tokens": tokens, "weights": weights}, output)
    return compiled(model, keras.optimizers.Adam(float(hyperparameters["learning_rate"])))


def build_dense_rows(hyperparameters: Mapping[str, Value], sizes: Sizes) -> keras.Model:
    """Return dense layers over rows of TF-IDF, which are spread from token ids and weights."""
    tokens, weights = _weighted_inputs()
    output = _dense_layers(SpreadRows(sizes.tokens)(tokens, weights), hyperparameters, sizes)
    model = keras.Model({"tokens": tokens, "weights": weights}, output)
    return compiled(model, keras.optimizers.Adam(float(hyperparameters["learning_rate"])))


def build_dense_layers(hyperparameters: Mapping[str, Value], sizes: Sizes) -> keras.Model:
    """Return the same layers over rows that are dense already: the form a grid search needs."""
    rows = keras.Input((sizes.tokens,), name="rows")
    model = keras.Model(rows, _dense_layers(rows, hyperparameters, sizes))
    optimizer = keras.optimizers.Adam(float(hyperparameters["learning_rate"]))
    # SKLearnClassifier turns labels into rows of 0 and 1.
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def _dense_layers(
    rows: keras.KerasTensor, hyperparameters: Mapping[str, Value], sizes: Sizes
) -> keras.KerasTensor:
    dropout = float(hyperparameters["dropout"])
    rows = layers.Dropout(dropout / 2)(rows)
    for units in DENSE_UNITS:
        rows = layers.Dense(units, activation="relu")(rows)
        rows = layers.Dropout(dropout)(rows)
    return layers.Dense(sizes.classes, activation="softmax")(rows)


def _weighted_inputs() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    return tokens, keras.Input((None,), dtype="float32", name="weights")
