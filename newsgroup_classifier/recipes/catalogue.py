"""The recipes by name, discovered in the modules of this package."""

import difflib
import logging

from newsgroup_classifier import recipes
from newsgroup_classifier.discovery import discover
from newsgroup_classifier.errors import HyperparameterError, ProjectError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import Recipe

__all__ = ["RECIPES", "Recipe", "find_recipe", "preset_values"]

RECIPES: dict[str, Recipe] = discover(recipes, Recipe)
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
    return recipe.defaults | dict(recipe.presets[name])


def find_recipe(name: str) -> Recipe:
    """Return a recipe; raise ProjectError with the most similar name if there is none."""
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ProjectError(f"unknown recipe {name!r}{hint} (known: {', '.join(RECIPES)})")
