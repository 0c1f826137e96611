"""The recipe that a command works on, with own data or with its built-in data set."""

import argparse
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError, HyperparameterError, ProjectError
from newsgroup_classifier.own_code import OWN_MODEL, is_own_file
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe, find_recipe
from scripts.account.aws import Aws, connect
from scripts.account.registry import find_group
from scripts.account.stacks import recipe_flags, training_command

__all__ = ["OWN_MODEL", "Recipe", "check_trainable", "own_model_recipe", "selected_recipe"]


def selected_recipe(
    arguments: argparse.Namespace, file_needed: bool = False, trial: bool = False
) -> Recipe:
    """Return the recipe of --recipe, for the own data of --name if it is passed.

    A recipe in a file of the user's is checked, with a `trial` also by a fit; where `file_needed`
    is False, its name is enough once a model of it is registered. Raise an error if the recipe does
    not take own data, or has no other and --name is missing.
    """
    if is_own_file(arguments.recipe):
        from scripts.account.own_pipelines import checked_recipe

        recipe = checked_recipe(arguments.recipe, trial or file_needed)
    elif arguments.recipe in RECIPES or arguments.name is None:
        recipe = _built_in(arguments)
    else:
        recipe = _registered_recipe(arguments)
        if file_needed:
            check_trainable(recipe, arguments)
            raise DeploymentError(
                f"recipe {recipe.name} cannot be trained without its file; pass it again, such as "
                "--pipeline my_model.py:build, or --recipe my_model.py if the file has a recipe"
            )
        return recipe
    if arguments.name is not None:
        return recipe.for_data(arguments.name)
    if not recipe.dataset:
        flags = recipe_flags(Aws(arguments.region), recipe.for_data("tickets"), arguments.stack)
        raise DeploymentError(
            f"recipe {recipe.name} has no built-in data set; pass the name of your data, such as "
            f"--name tickets. Upload it with: python -m scripts.upload_data {flags} --file "
            "tickets.csv"
        )
    return recipe


def check_trainable(recipe: Recipe, arguments: argparse.Namespace) -> None:
    """Raise DeploymentError for the recipe of models that `register` uploads, which has no data."""
    if recipe.name == OWN_MODEL:
        again = training_command(Aws(arguments.region), recipe, arguments.stack)
        raise DeploymentError(
            f"models of recipe {OWN_MODEL} are trained elsewhere; register one with: {again}"
        )


def own_model_recipe(name: str) -> ScikitLearnRecipe:
    """Return the recipe of the models that `register` uploads under a name."""
    from newsgroup_classifier.training.own_recipes import registered_recipe

    return registered_recipe(OWN_MODEL).for_data(name)


def _registered_recipe(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe of a user's file by the name of its registered models, without the file."""
    from newsgroup_classifier.training.own_recipes import registered_recipe

    if arguments.recipe == OWN_MODEL:
        return own_model_recipe(arguments.name)
    try:
        recipe = registered_recipe(arguments.recipe).for_data(arguments.name)
    except HyperparameterError:  # of a name that no recipe can have
        return _built_in(arguments)
    if find_group(connect(arguments), arguments.stack, recipe) is None:
        return _built_in(arguments)
    return recipe


def _built_in(arguments: argparse.Namespace) -> Recipe:
    if arguments.recipe == OWN_MODEL:
        raise DeploymentError(
            f"recipe {OWN_MODEL} needs the name that the model was registered with; pass it as "
            "--name, such as --name tickets"
        )
    try:
        return find_recipe(arguments.recipe)
    except ProjectError as error:
        path = Path(f"{arguments.recipe.replace('-', '_')}.py")
        if not (arguments.name or path.is_file()):
            raise
        file = path if path.is_file() else "FILE.py"
        hint = f"for your own recipe, pass --pipeline {file}:build or --recipe {file}"
        if arguments.name:
            hint += f", and train it first: {arguments.name} has no registered model of it"
        raise DeploymentError(f"{error}; {hint}") from None
