"""List the recipes, or show the hyperparameters, presets, and containers of one.

    python -m scripts.recipes
    python -m scripts.recipes newsgroups-naive-bayes

The other commands take these names as --recipe.
"""

import argparse
import sys

from newsgroup_classifier.hyperparameters import describe_parameters
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe
from scripts.account import command
from scripts.account.command import Result, say, table

_CONTAINERS = {"scikit-learn": "scikit-learn", "tensorflow": "TensorFlow"}
_COLUMNS = ("recipe", "data set", "container", "served by", "accuracy", "measured on")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="recipe to show")


def run(arguments: argparse.Namespace) -> Result:
    """Print a table or the details of one recipe; return the same facts."""
    if arguments.name is None:
        say(table([_COLUMNS, *(_row(recipe) for recipe in RECIPES.values())]))
        return {"recipes": [_facts(recipe) for recipe in RECIPES.values()]}
    recipe = find_recipe(arguments.name)
    stages = ", ".join(f"{stage.name} ({stage.image})" for stage in recipe.stages)
    say(f"{recipe.summary}\n")
    refusal = recipe.own_data_refusal
    own = ("own data", f"not accepted: {refusal}" if refusal else "accepted (--name)")
    say(table([*zip(_COLUMNS, _row(recipe), strict=True), ("stages", stages), own]))
    say("\nhyperparameters, with their defaults (--set):")
    say(describe_parameters(recipe.hyperparameters))
    say("\npresets (--preset):" if recipe.presets else "\nno presets")
    for name, values in recipe.presets.items():
        changes = " ".join(f"{key}={value}" for key, value in values.items())
        say(f"  {name}: {changes or 'the defaults'}")
    return _facts(recipe) | {
        "hyperparameters": [
            {
                "name": parameter.name,
                "default": parameter.default,
                "description": parameter.help,
                "expected": parameter.expected,
            }
            for parameter in recipe.hyperparameters
        ],
        "presets": {name: dict(values) for name, values in recipe.presets.items()},
        "stages": [{"name": stage.name, "image": stage.image} for stage in recipe.stages],
    }


def _row(recipe: Recipe) -> tuple[str, ...]:
    facts = _facts(recipe)
    return (
        recipe.name,
        recipe.dataset or "your own",
        _CONTAINERS[recipe.framework],
        ", ".join(facts["served_by"]),
        "-" if recipe.accuracy is None else f"{facts['accuracy']:g}",
        facts["measured_on"],
    )


def _facts(recipe: Recipe) -> Result:
    return {
        "name": recipe.name,
        "summary": recipe.summary,
        "data_set": recipe.dataset,
        "own_data": not recipe.own_data_refusal,
        "own_data_refusal": recipe.own_data_refusal,
        "container": recipe.framework,
        "served_by": ["endpoint", "Lambda"] if recipe.served_by_lambda else ["endpoint"],
        "targets": list(recipe.targets),
        "accuracy": recipe.accuracy.accuracy if recipe.accuracy else None,
        "measured_on": recipe.accuracy.data if recipe.accuracy else "",
    }


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
