"""Recipes of users: a recipe in a file of theirs, or a function that returns a pipeline.

my_model.py           a file with one ScikitLearnRecipe
my_model.py:build     a function build() or build(hyperparameters)
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from newsgroup_classifier.errors import ProjectError, TrainingError, one_line
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.own_code import (
    ENTRY_FILE,
    OWN_MODEL,
    OwnCode,
    find_code,
    import_own,
    is_own_file,
    place_of,
)
from newsgroup_classifier.recipe import Recipe, ScikitLearnRecipe
from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe
from newsgroup_classifier.shared_hyperparameters import FOLDS

_SOURCES = Path(__file__).parents[2]
_RECIPE = partial(ScikitLearnRecipe, dataset="", hyperparameters=(FOLDS,))


def find_trainable(name: str) -> Recipe:
    """Return the recipe of a name or a file; the bundle of a job may have a file of the user's."""
    entry = _SOURCES / ENTRY_FILE
    if is_own_file(name):
        return own_recipe(name)
    if entry.is_file() and name not in RECIPES:
        return own_recipe(str(_SOURCES / entry.read_text(encoding="utf-8")))
    return find_recipe(name)


def own_recipe(entry: str, code: OwnCode | None = None) -> ScikitLearnRecipe:
    """Import a file, or the copy in `code`, and return its recipe or that of its function.

    Raise TrainingError unless it has one whose name is not that of a built-in recipe.
    """
    file, _, function = entry.partition(":")
    code = code or code_of(entry)
    module = import_own(code, code.names[0])
    recipe = _of_function(module, function, code) if function else _of_module(module, code)
    if recipe.name in RECIPES or recipe.name == OWN_MODEL:
        raise TrainingError(
            f"{file} declares the recipe {recipe.name!r}, a name of the project; choose another"
        )
    build = _with_probabilities(recipe.build, code)
    return replace(recipe, build=build, export=recipe.export or _export, file=entry, own=code)


def code_of(entry: str) -> OwnCode:
    """Return the modules of a file without importing them; raise TrainingError for a bad name."""
    path = Path(entry.partition(":")[0]).resolve()
    if not path.is_file():
        raise TrainingError(f"{path} does not exist; expected a Python file")
    if not path.stem.isidentifier():
        raise TrainingError(f"{path} cannot be imported by its name; use letters, digits, and _")
    return find_code(path.parent, [path.stem], entry)


def _of_module(module: ModuleType, code: OwnCode) -> ScikitLearnRecipe:
    recipes = [each for each in vars(module).values() if isinstance(each, Recipe)]
    if len(recipes) != 1 or not isinstance(recipes[0], ScikitLearnRecipe):
        kinds = ", ".join(f"{type(each).__name__} {each.name}" for each in recipes) or "no recipe"
        raise TrainingError(
            f"{code.entry} has {kinds}; expected one ScikitLearnRecipe. For a function that "
            f"returns a pipeline, pass --pipeline {code.entry}:FUNCTION"
        )
    return recipes[0]


def _of_function(module: ModuleType, name: str, code: OwnCode) -> ScikitLearnRecipe:
    function = getattr(module, name, None)
    if not inspect.isfunction(function):
        functions = [
            each
            for each, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        ]
        raise TrainingError(
            f"{code.entry} is not a function; {module.__name__}.py has "
            f"{', '.join(functions) or 'no functions'}"
        )
    parameters = inspect.signature(function).parameters.values()
    any_number = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        each.name
        for each in parameters
        if each.default is inspect.Parameter.empty and each.kind not in any_number
    ]
    if len(needed) > 1:
        raise TrainingError(
            f"{code.entry} needs the arguments {', '.join(needed)}; expected none, or the "
            "hyperparameters alone"
        )
    words = [module.__name__, *([] if name == "build" else [name])]
    return _RECIPE(
        name=re.sub("[^a-z0-9]+", "-", "-".join(words).lower()).strip("-"),
        summary=f"pipeline of {Path(code.entry).name}",
        build=function if needed else lambda hyperparameters: function(),
    )


def _with_probabilities(
    build: Callable[[Hyperparameters], Any], code: OwnCode
) -> Callable[..., Any]:

    def build_with_probabilities(hyperparameters: Hyperparameters) -> Any:
        from sklearn.pipeline import Pipeline

        from newsgroup_classifier.estimators.decision_probabilities import DecisionProbabilities

        try:
            pipeline = build(hyperparameters)
        except ProjectError:
            raise
        except (Exception, SystemExit) as error:
            place = place_of(error, code) or code.entry
            raise TrainingError(f"{place} fails: {one_line(error)}") from error
        if not isinstance(pipeline, Pipeline) or len(pipeline) < 2:
            raise TrainingError(
                f"{code.entry} returns an object of type {type(pipeline).__name__}; expected a "
                "scikit-learn Pipeline of two steps or more, from texts to labels"
            )
        name, last = pipeline.steps[-1]
        if not hasattr(last, "predict_proba") and hasattr(last, "decision_function"):
            pipeline.steps[-1] = (name, DecisionProbabilities(last))
        return pipeline

    return build_with_probabilities


def registered_recipe(name: str) -> ScikitLearnRecipe:
    """Return the recipe of models that are in the registry, whose file is not at hand."""
    return _RECIPE(
        name=name, summary="a model of a user", build=lambda _: None, file=name, export=_export
    )


def _export(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    from newsgroup_classifier.export.vectorizers import export

    return export(pipeline, about)
