"""TF-IDF of stems and dense layers, as in the tutorial on Reddit comments.

The input `tokens` is int32 (n, m) with the id 0 for padding, `weights` is float32 (n, m), and the
output is a probability per class.
"""

from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    Hyperparameters,
    IntParameter,
    WholeNumbersParameter,
)
from newsgroup_classifier.recipe import Measured, Sizes, TensorFlowRecipe
from newsgroup_classifier.search_space import Interval, learning_rates
from newsgroup_classifier.shared_hyperparameters import fit_parameters, part_parameter

UNITS = (250, 100)


def build_encoder(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted encoder of comments."""
    from newsgroup_classifier.text.ngram_bags import NgramBags

    min_df, max_features = hyperparameters["min_df"], hyperparameters["max_features"]
    return NgramBags(1, 0, min_df, max_features, stems=True)


def build_network(hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    """Return dense layers over rows of TF-IDF, which are spread from token ids and weights."""
    import keras

    from newsgroup_classifier.estimators.keras_layers import SpreadRows, compiled, weighted_inputs

    tokens, weights = weighted_inputs()
    output = _dense_layers(SpreadRows(sizes.tokens)(tokens, weights), hyperparameters, sizes)
    model = keras.Model({"tokens": tokens, "weights": weights}, output)
    return compiled(model, keras.optimizers.Adam(hyperparameters["learning_rate"]))


def build_dense_network(hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    """Return the same layers over dense rows, the form that a grid search needs."""
    import keras

    rows = keras.Input((sizes.tokens,), name="rows")
    model = keras.Model(rows, _dense_layers(rows, hyperparameters, sizes))
    optimizer = keras.optimizers.Adam(hyperparameters["learning_rate"])
    # SKLearnClassifier turns labels into rows of 0 and 1.
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def _dense_layers(rows: Any, hyperparameters: Hyperparameters, sizes: Sizes) -> Any:
    from keras import layers

    dropout = hyperparameters["dropout"]
    rows = layers.Dropout(dropout / 2)(rows)
    for units in UNITS:
        rows = layers.Dense(units, activation="relu")(rows)
        rows = layers.Dropout(dropout)(rows)
    return layers.Dense(sizes.classes, activation="softmax")(rows)


DENSE = TensorFlowRecipe(
    name="comments-dense",
    summary="Reddit comments: TF-IDF of stems and dense layers of 250 and 100",
    dataset="reddit-comments",
    accuracy=Measured(0.889, "test channel"),
    hyperparameters=(
        IntParameter("min_df", 1, "minimum comments with a stem", 1, 1000),
        IntParameter("max_features", 20_000, "maximum number of stems", 1, 100_000, was="most"),
        part_parameter("dropout", 0.5, "dropout rate of hidden layers; the input uses half of it"),
        ChoiceParameter("search", "none", "search of epochs and batch size", ("none", "grid")),
        WholeNumbersParameter("search_epochs", "2,5,10", "epochs of the grid", 1, 1000),
        WholeNumbersParameter("search_batches", "10,32,128", "batch sizes of the grid", 1, 10_000),
        IntParameter("folds", 3, "folds of the search", 2, 20),
        *fit_parameters(0.001, batch_size=64, epochs=8, patience=3),
    ),
    space=(learning_rates(0.0003, 0.01), Interval("dropout", 0.2, 0.7)),
    encoder=build_encoder,
    network=build_network,
    search_network=build_dense_network,
    vendored=("snowballstemmer",),
)
