"""The recipes that recommend a subreddit for a post.

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
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval

_DATASET = "subreddits"
_VECTORS = "embed__path"  # of the pipelines with a step of pre-trained vectors


def _build_neighbors(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.subreddits import build_neighbors

    return build_neighbors(hyperparameters)


def _build_boosting(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.subreddits import build_boosting

    return build_boosting(hyperparameters)


def _build_xgboost(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.subreddits import build_xgboost

    return build_xgboost(hyperparameters)


def _build_linear(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.subreddits import build_linear

    return build_linear(hyperparameters)


def _embedding(dimensions: int) -> tuple[ChoiceParameter, IntParameter]:
    return (
        ChoiceParameter(
            "embedding", "learned", "word vectors: learned, or a channel's", ("learned", "vectors")
        ),
        IntParameter("dimensions", dimensions, "dimensions of a learned embedding", 2, 2000),
    )


_RATE = FloatParameter("learning_rate", 0.1, "part of each tree that counts", 0.0, 1.0)
_ROUNDS = IntParameter("rounds", 100, "rounds of boosting, with a tree for each class", 1, 2000)
_SHARE = FloatParameter("feature_share", 0.2, "part of the dimensions a node looks at", 0.0, 1.0)
_NEIGHBORS = (
    *_embedding(300),
    IntParameter("neighbors", 15, "nearest posts that vote", 1, 1000),
    ChoiceParameter("weights", "distance", "how they vote", ("uniform", "distance")),
    *SEARCH,
)
_BOOSTING = (
    *_embedding(300),
    _RATE,
    _ROUNDS,
    IntParameter("leaves", 8, "most leaves of a tree", 2, 1000),
    IntParameter("leaf", 20, "least rows of a leaf", 1, 1_000_000),
    _SHARE,
    *SEARCH,
)
_XGBOOST = (
    *_embedding(300),
    _RATE,
    _ROUNDS,
    IntParameter("depth", 4, "most levels of a tree", 1, 20),
    FloatParameter("leaf_weight", 1.0, "least weight of a leaf's rows", lowest=0.0),
    FloatParameter("row_share", 0.8, "part of the rows that a tree sees", 0.0, 1.0),
    _SHARE,
    *SEARCH,
)
_LINEAR = (
    IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
    IntParameter("word_min_df", 1, "texts that a word n-gram must be in", 1, 1000),
    IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 2, 7),
    IntParameter("character_min_df", 2, "texts that a character n-gram must be in", 1, 1000),
    IntParameter("title_words", 20, "first words, whose characters count once more", 1, 1000),
    FloatParameter("title_weight", 0.7, "weight of these characters", lowest=0.0),
    FloatParameter("words_weight", 1.0, "weight of the word n-grams", lowest=0.0),
    FloatParameter("margin_c", 0.5, "inverse regularization of the support vectors", above=0.0),
    *SEARCH,
)

SUBREDDIT_RECIPES = (
    Recipe(
        name="subreddits-neighbors",
        summary="Reddit posts: an embedding, and the nearest posts vote",
        dataset=_DATASET,
        framework="scikit-learn",
        hyperparameters=_NEIGHBORS,
        space=(
            Interval("neighbors", 3, 40, whole=True),
            Choices("weights", ("uniform", "distance")),
        ),
        build=_build_neighbors,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
        vectors=_VECTORS,
        keeps_texts=True,
    ),
    Recipe(
        name="subreddits-boosting",
        summary="Reddit posts: an embedding, and scikit-learn's boosted trees",
        dataset=_DATASET,
        framework="scikit-learn",
        hyperparameters=_BOOSTING,
        space=(
            Interval("learning_rate", 0.03, 0.3, LOGARITHMIC),
            Choices("leaves", (4, 8, 16)),
            Choices("leaf", (10, 20, 40)),
        ),
        build=_build_boosting,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
        vectors=_VECTORS,
    ),
    Recipe(
        name="subreddits-xgboost",
        summary="Reddit posts: an embedding, and XGBoost's boosted trees",
        dataset=_DATASET,
        framework="scikit-learn",
        hyperparameters=_XGBOOST,
        space=(
            Interval("learning_rate", 0.03, 0.3, LOGARITHMIC),
            Choices("depth", (3, 4, 6)),
            Choices("row_share", (0.6, 0.8, 1.0)),
        ),
        build=_build_xgboost,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=(*DRAWING, "xgboost", "xgboost-cpu"),
        vectors=_VECTORS,
        vendored=("xgboost",),
    ),
    Recipe(
        name="subreddits-linear",
        summary="Reddit posts: words and characters as n-grams, support vectors",
        dataset=_DATASET,
        framework="scikit-learn",
        hyperparameters=_LINEAR,
        space=(
            Choices("margin_c", (0.25, 0.5, 1.0)),
            Choices("title_words", (12, 20, 35)),
            Choices("title_weight", (0.5, 0.7, 1.0)),
        ),
        build=_build_linear,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
    ),
)
