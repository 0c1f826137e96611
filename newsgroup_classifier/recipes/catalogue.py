"""The catalogue: what each recipe trains on, how its model is built, and how it is served."""

import difflib
import logging

from newsgroup_classifier.comment_recipes import COMMENT_RECIPES
from newsgroup_classifier.errors import HyperparameterError, ProjectError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.newsgroup_recipes import NEWSGROUP_RECIPES
from newsgroup_classifier.recipe import Recipe, Sizes, Stage
from newsgroup_classifier.scikit_learn_recipes import SCIKIT_LEARN_RECIPES
from newsgroup_classifier.subreddit_recipes import SUBREDDIT_RECIPES
from newsgroup_classifier.tensorflow_recipes import TENSORFLOW_RECIPES

__all__ = ["RECIPES", "Recipe", "Sizes", "Stage", "find_recipe", "preset_values"]

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
_RENAMED_PRESETS = {"seed": "tutorial"}
log = logging.getLogger(__name__)


def preset_values(recipe: Recipe, name: str) -> dict[str, Value]:
    """Return the hyperparameters of a preset; raise HyperparameterError if it is unknown."""
    if name not in recipe.presets and name in _RENAMED_PRESETS:
        log.warning("preset %s is now called %s", name, _RENAMED_PRESETS[name])
        name = _RENAMED_PRESETS[name]
    if name not in recipe.presets:
        known = ", ".join(recipe.presets) or "none"
        raise HyperparameterError(f"recipe {recipe.name} has no preset {name!r} (known: {known})")
    defaults = {parameter.name: parameter.default for parameter in recipe.hyperparameters}
    return defaults | dict(recipe.presets[name])


def find_recipe(name: str) -> Recipe:
    """Return a recipe; raise ProjectError naming the nearest one if there is none."""
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ProjectError(f"unknown recipe {name!r}{hint} (known: {', '.join(RECIPES)})")
