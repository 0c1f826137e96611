"""The recipes by name, discovered in the modules of this package."""

import logging

from newsgroup_classifier import recipes
from newsgroup_classifier.discovery import Catalogue
from newsgroup_classifier.errors import HyperparameterError, did_you_mean, nearest
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import Recipe

__all__ = ["RECIPES", "Recipe", "find_recipe", "preset_values"]

RECIPES = Catalogue(recipes, Recipe, "recipe")
find_recipe = RECIPES.find
_RENAMED_PRESETS = {"seed": "tutorial"}
log = logging.getLogger(__name__)


def preset_values(recipe: Recipe, name: str) -> dict[str, Value]:
    """Return the hyperparameters of a preset; raise HyperparameterError if it is unknown."""
    if name not in recipe.presets and name in _RENAMED_PRESETS:
        log.warning("preset %s is now called %s", name, _RENAMED_PRESETS[name])
        name = _RENAMED_PRESETS[name]
    if name not in recipe.presets:
        hint, known = did_you_mean(nearest(name, recipe.presets)), ", ".join(recipe.presets)
        raise HyperparameterError(
            f"recipe {recipe.name} has no preset {name!r}{hint} (known: {known or 'none'})"
        )
    return recipe.defaults | dict(recipe.presets[name])
