"""The recipe that a command works on, with own data or with its built-in data set."""

import argparse

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe

__all__ = ["Recipe", "selected_recipe"]


def selected_recipe(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe of --recipe, for the own data of --name if it is passed.

    Raise an error if the recipe does not take own data, or has no other and --name is missing.
    """
    recipe = find_recipe(arguments.recipe)
    if arguments.name is not None:
        return recipe.for_data(arguments.name)
    if not recipe.dataset:
        raise DeploymentError(
            f"recipe {recipe.name} has no built-in data set; pass the name of your data, such as "
            f"--name tickets. Upload it with: python -m scripts.upload_data --recipe "
            f"{recipe.name} --name tickets --file tickets.csv"
        )
    return recipe
