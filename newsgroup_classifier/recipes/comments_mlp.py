"""TF-IDF of stems and a small neural network, as in the tutorial on Reddit comments."""

from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    Hyperparameters,
    IntParameter,
)
from newsgroup_classifier.recipe import WEIGHTED, Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import SEARCH

_LAYERS = (6, 2)
_ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
_SCHEDULES = ("constant", "invscaling", "adaptive")
_SOLVERS = ("lbfgs", "sgd", "adam")
_SCHEDULED = "sgd"  # the only solver that follows the schedule


def build(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw comments to labels.

    Solvers that ignore learning_rate get "constant", so that networks that would be fitted alike
    are equal, and a search fits only one of them.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    from newsgroup_classifier.text.stemming import normalize_texts

    solver = hyperparameters["solver"]
    network = MLPClassifier(
        _LAYERS,
        activation=hyperparameters["activation"],
        solver=solver,
        alpha=hyperparameters["alpha"],
        learning_rate=hyperparameters["learning_rate"] if solver == _SCHEDULED else "constant",
        max_iter=hyperparameters["max_iter"],
        random_state=hyperparameters["seed"],
    )
    return Pipeline(
        [
            ("clean", FunctionTransformer(normalize_texts)),
            ("tfidf", TfidfVectorizer(lowercase=False, min_df=hyperparameters["min_df"])),
            ("classify", network),
        ]
    )


MLP = ScikitLearnRecipe(
    name="comments-mlp",
    summary="Reddit comments: TF-IDF of stems and a network of 6 and 2 units",
    dataset="reddit-comments",
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
    build=build,
    vendored=("snowballstemmer",),
    own_data_refusal="its layers of 6 and 2 units and its English stop words fit only the comments "
    "of its built-in data set",
)
