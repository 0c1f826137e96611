"""Reddit comments: TF-IDF of stems under dense layers or a small network, as in the tutorial.

The input `tokens` of the dense layers is int32 (n, m) with the id 0 for padding, `weights` is
float32 (n, m), and the output is a probability per class.
"""

from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    Hyperparameters,
    IntParameter,
    WholeNumbersParameter,
    chosen,
)
from newsgroup_classifier.recipe import (
    WEIGHTED,
    Measured,
    ScikitLearnRecipe,
    Sizes,
    TensorFlowRecipe,
)
from newsgroup_classifier.search_space import Choices, Interval, learning_rates
from newsgroup_classifier.shared_hyperparameters import SEARCH, fit_parameters, part_parameter

_DATASET, _STEMMER = "reddit-comments", ("snowballstemmer",)
_UNITS = (250, 100)  # of the dense layers
_LAYERS = (6, 2)
_ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
_SCHEDULES = ("constant", "invscaling", "adaptive")
_SOLVERS = ("lbfgs", "sgd", "adam")
_SCHEDULED = "sgd"  # the only solver that follows the schedule


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
    for units in _UNITS:
        rows = layers.Dense(units, activation="relu")(rows)
        rows = layers.Dropout(dropout)(rows)
    return layers.Dense(sizes.classes, activation="softmax")(rows)


def build_mlp(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw comments to labels.

    Solvers that ignore learning_rate get "constant", so that networks that would be fitted alike
    are equal, and a search fits only one of them.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    from newsgroup_classifier.text.stemming import normalize_texts

    scheduled = hyperparameters["solver"] == _SCHEDULED
    network = MLPClassifier(
        _LAYERS,
        **chosen(hyperparameters, "activation", "solver", "alpha", "max_iter"),
        learning_rate=hyperparameters["learning_rate"] if scheduled else "constant",
        random_state=hyperparameters["seed"],
    )
    return Pipeline(
        [
            ("clean", FunctionTransformer(normalize_texts)),
            ("tfidf", TfidfVectorizer(lowercase=False, min_df=hyperparameters["min_df"])),
            ("classify", network),
        ]
    )


DENSE = TensorFlowRecipe(
    name="comments-dense",
    summary="Reddit comments: TF-IDF of stems and dense layers of 250 and 100",
    dataset=_DATASET,
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
    vendored=_STEMMER,
)

MLP = ScikitLearnRecipe(
    name="comments-mlp",
    summary="Reddit comments: TF-IDF of stems and a network of 6 and 2 units",
    dataset=_DATASET,
    accuracy=Measured(0.8725, "test channel"),
    # The defaults are the best of benchmarks/studies/comments.md.
    hyperparameters=(
        ChoiceParameter("activation", "logistic", "activation of hidden layers", _ACTIVATIONS),
        ChoiceParameter("learning_rate", "constant", "schedule of solver=sgd", _SCHEDULES),
        ChoiceParameter("solver", "adam", "how weights are optimized", _SOLVERS),
        FloatParameter("alpha", 0.0001, "L2 regularization of the weights", lowest=0.0),
        IntParameter("max_iter", 200, "maximum passes over the comments", 1, 100_000),
        IntParameter("min_df", 1, "minimum comments with a stem", 1, 1000),
        IntParameter("seed", 1, "random seed of weights, order and search", 0, 999_999_999),
        *SEARCH,
    ),
    presets={"grid": {"search": "grid", "folds": 5}},
    space=(
        Choices("activation", _ACTIVATIONS),
        Choices("alpha", (0.0001, 0.001, 0.01)),
        Choices("learning_rate", _SCHEDULES),
        Choices("solver", _SOLVERS),
    ),
    metrics=WEIGHTED,
    build=build_mlp,
    vendored=_STEMMER,
    own_data_refusal="its layers of 6 and 2 units and its English stop words fit only the comments "
    "of its built-in data set",
)
