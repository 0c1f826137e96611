"""The recipe that a command works on, with own data or with its built-in data set."""

import argparse

from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from newsgroup_classifier.own_code import OWN_MODEL, is_own_file
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe, find_recipe
from scripts.account.aws import connect
from scripts.account.registry import find_group
from scripts.account.stacks import training_command

__all__ = ["Recipe", "own_model_recipe", "selected_recipe"]


def selected_recipe(arguments: argparse.Namespace, file_needed: bool = False) -> Recipe:
    """Return the recipe of --recipe, for the own data of --name if it is passed.

    A recipe in a file of the user's is checked; where `file_needed` is False, its name is enough
    once a model of it is registered. Raise an error if the recipe does not take own data, or has no
    other and --name is missing.
    """
    if is_own_file(arguments.recipe):
        from scripts.account.own_pipelines import checked_recipe

        recipe = checked_recipe(arguments.recipe)
    elif arguments.recipe in RECIPES or arguments.name is None:
        recipe = find_recipe(arguments.recipe)
    else:
        recipe = _registered_recipe(arguments)
        if file_needed and recipe.name == OWN_MODEL:
            raise DeploymentError(
                f"models of recipe {OWN_MODEL} are trained elsewhere; register one with: "
                f"{training_command(recipe, arguments.stack)}"
            )
        if file_needed:
            raise DeploymentError(
                f"recipe {recipe.name} cannot be trained without its file; pass the file as "
                "--recipe, such as my_model.py"
            )
        return recipe
    if arguments.name is not None:
        return recipe.for_data(arguments.name)
    if not recipe.dataset:
        raise DeploymentError(
            f"recipe {recipe.name} has no built-in data set; pass the name of your data, such as "
            f"--name tickets. Upload it with: python -m scripts.upload_data --recipe "
            f"{recipe.name} --name tickets --file tickets.csv"
        )
    return recipe


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
        return find_recipe(arguments.recipe)
    if find_group(connect(arguments), arguments.stack, recipe) is None:
        return find_recipe(arguments.recipe)
    return recipe
