"""The catalogue: what each recipe trains on, how its model is built, and how it is served."""

import difflib

from newsgroup_classifier.comment_recipes import COMMENT_RECIPES
from newsgroup_classifier.errors import HyperparameterError, ProjectError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.newsgroup_recipes import NEWSGROUP_RECIPES
from newsgroup_classifier.recipe import Recipe, Sizes, Stage
from newsgroup_classifier.scikit_learn_recipes import SCIKIT_LEARN_RECIPES
from newsgroup_classifier.subreddit_recipes import SUBREDDIT_RECIPES
from newsgroup_classifier.tensorflow_recipes import TENSORFLOW_RECIPES

__all__ = ["RECIPES", "Recipe", "Sizes", "Stage", "find_recipe", "settings_of"]

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        *SCIKIT_LEARN_RECIPES,
        *NEWSGROUP_RECIPES,
        *COMMENT_RECIPES,
        *SUBREDDIT_RECIPES,
        *TENSORFLOW_RECIPES,
    )
}


def settings_of(recipe: Recipe, name: str) -> dict[str, Value]:
    """Return the hyperparameters of a named setting; raise HyperparameterError if it has none."""
    if name not in recipe.settings:
        known = ", ".join(recipe.settings) or "none"
        raise HyperparameterError(f"recipe {recipe.name} has no setting {name!r} (known: {known})")
    defaults = {parameter.name: parameter.default for parameter in recipe.parameters}
    return defaults | dict(recipe.settings[name])


def find_recipe(name: str) -> Recipe:
    """Return a recipe; raise ProjectError naming the nearest one if there is none."""
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ProjectError(f"unknown recipe {name!r}{hint} (known: {', '.join(RECIPES)})")
