"""The recipes of newsgroup posts beside naive Bayes."""

from collections.abc import Mapping
from typing import Any

from newsgroup_classifier.hyperparameters import FloatParameter, IntParameter, Value
from newsgroup_classifier.recipe import CLASSIFICATION, Recipe
from newsgroup_classifier.scikit_learn_recipes import DRAWING, TEXT_STAGES
from newsgroup_classifier.search_parameters import FOLDS
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.stream_parameters import STREAMED


def _build_linear(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.newsgroups_linear import build_newsgroups_linear

    return build_newsgroups_linear(hyperparameters)


NEWSGROUP_RECIPES = (
    Recipe(
        name="newsgroups-linear",
        summary="20 Newsgroups posts: TF-IDF of words and pairs, two linear models in one",
        dataset="20newsgroups",
        framework="scikit-learn",
        hyperparameters=(
            IntParameter("min_df", 1, "posts that a word or pair must be in", 1, 1000),
            FloatParameter("penalty", 1e-4, "penalty of large weights, by gradients", above=0.0),
            IntParameter("epochs", 5, "passes over the posts, by gradients", 1, 100),
            FloatParameter("alpha", 0.03, "additive smoothing of naive Bayes", above=0.0),
            FloatParameter("bayes", 0.5, "weight of naive Bayes in the sum", lowest=0.0),
            FloatParameter("sharpness", 3.0, "factor of the scores: how sure it is", above=0.0),
            FOLDS,
            *STREAMED,
        ),
        space=(Choices("penalty", (5e-5, 1e-4, 2e-4)), Choices("bayes", (0.3, 0.5, 1.0))),
        build=_build_linear,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
        least_lines=6,
    ),
)
