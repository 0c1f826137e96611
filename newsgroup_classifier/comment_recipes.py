"""The recipe that tells Reddit comments apart in the scikit-learn container.

It imports no heavy library: a builder imports what it needs when it is called.
"""

from collections.abc import Mapping
from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    Value,
)
from newsgroup_classifier.recipe import CLASSIFICATION, Recipe
from newsgroup_classifier.scikit_learn_recipes import DRAWING, TEXT_STAGES
from newsgroup_classifier.search_parameters import SEARCH
from newsgroup_classifier.search_space import Choices

_ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
_SCHEDULES = ("constant", "invscaling", "adaptive")
_SOLVERS = ("lbfgs", "sgd", "adam")


def _build_mlp(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.comments_mlp import build_comments_mlp

    return build_comments_mlp(hyperparameters)


# The defaults are the best of benchmarks/studies/comments.md.
_MLP = (
    ChoiceParameter("activation", "logistic", "activation of the hidden layers", _ACTIVATIONS),
    ChoiceParameter("learning_rate", "constant", "schedule of the solver sgd", _SCHEDULES),
    ChoiceParameter("solver", "adam", "how weights are changed", _SOLVERS),
    FloatParameter("alpha", 0.0001, "L2 regularization of the weights", lowest=0.0),
    IntParameter("max_iter", 200, "passes over the comments at most", 1, 100_000),
    IntParameter("min_df", 1, "comments that a stem must be in", 1, 1000),
    IntParameter("seed", 1, "seed of the weights, the order and a random search", 0, 999_999_999),
    *SEARCH,
)

COMMENT_RECIPES = (
    Recipe(
        name="comments-mlp",
        summary="Reddit comments: TF-IDF of stems and a network of 6 and 2 units",
        dataset="reddit-comments",
        framework="scikit-learn",
        hyperparameters=_MLP,
        space=(
            Choices("activation", _ACTIVATIONS),
            Choices("alpha", (0.0001, 0.001, 0.01)),
            Choices("learning_rate", _SCHEDULES),
            Choices("solver", _SOLVERS),
        ),
        presets={"grid": {"search": "grid", "folds": 5}},
        build=_build_mlp,
        stages=TEXT_STAGES,
        metrics=(*CLASSIFICATION, "weighted_precision", "weighted_recall"),
        packages=(*DRAWING, "snowballstemmer"),
        vendored=("snowballstemmer",),
    ),
)
