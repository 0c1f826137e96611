"""List the recipes, or show the hyperparameters, presets and containers of one.

python -m scripts.recipes
python -m scripts.recipes newsgroups-naive-bayes

The other commands take these names as --recipe.
"""

import argparse
import sys

from newsgroup_classifier.hyperparameters import describe_parameters
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe, find_recipe
from scripts.account import command
from scripts.account.command import Result, say, table

_CONTAINERS = {"scikit-learn": "scikit-learn", "tensorflow": "TensorFlow"}
_TITLES = ("data set", "container", "served by", "accuracy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="recipe to show")


def run(arguments: argparse.Namespace) -> Result:
    """Print a table or the details of one recipe; return the same facts."""
    if arguments.name is None:
        say(table([("recipe", *_TITLES), *(_row(recipe) for recipe in RECIPES.values())]))
        return {"recipes": [_facts(recipe) for recipe in RECIPES.values()]}
    recipe = find_recipe(arguments.name)
    details = _details(recipe)
    stages = [f"{stage['name']} ({stage['image']})" for stage in details["stages"]]
    presets = [
        f"  {name}: {' '.join(f'{key}={value}' for key, value in values.items()) or 'the defaults'}"
        for name, values in details["presets"].items()
    ]
    say(f"{recipe.name}: {recipe.summary}\n")
    say(table([*zip(_TITLES, _row(recipe)[1:], strict=True)]))
    say(f"stages     {', '.join(stages)}\n\nhyperparameters, with their defaults (--set):")
    say(describe_parameters(recipe.hyperparameters))
    say("\n".join(["\npresets (--preset):", *presets]) if presets else "\nno presets")
    return details


def _row(recipe: Recipe) -> tuple[str, ...]:
    facts = _facts(recipe)
    accuracy = "-" if facts["accuracy"] is None else f"{facts['accuracy']:.4f}"
    served_by = ", ".join(facts["served_by"])
    return (recipe.name, recipe.dataset, _CONTAINERS[recipe.framework], served_by, accuracy)


def _facts(recipe: Recipe) -> Result:
    return {
        "name": recipe.name,
        "summary": recipe.summary,
        "data_set": recipe.dataset,
        "container": recipe.framework,
        "served_by": ["endpoint", "Lambda"] if recipe.served_by_lambda else ["endpoint"],
        "accuracy": getattr(recipe, "accuracy", None),
    }


def _details(recipe: Recipe) -> Result:
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


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
