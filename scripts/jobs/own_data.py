"""The hyperparameters that follow from the report on own data, which lies beside the channels."""

import argparse

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.jobs.data_versions import DataVersions

# By the member of the report that is true.
_OVERRIDES = {"title": ("title", "first-line"), "grouped": ("grouped", "yes")}
_NOUNS = {"title": "titles", "grouped": "groups"}


def add_overrides(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> bool:
    """Add what the report on own data says to the overrides of --set; return whether it did.

    What the command line sets, by itself or by a preset or range, stays as it is.
    """
    if not recipe.data_name:
        return False
    data = DataVersions(aws, recipe, arguments.stack)
    report = data.report(data.find(vectors=False, version=arguments.data))
    words = [*arguments.overrides, *getattr(arguments, "ranges", [])]
    taken = {word.partition("=")[0] for word in words}
    taken |= set(recipe.presets.get(getattr(arguments, "preset", None) or "", {}))
    found = {
        member: f"{name}={value}"
        for member, (name, value) in _OVERRIDES.items()
        if report.get(member) and name in recipe.defaults and name not in taken
    }
    if found:
        nouns = " and ".join(_NOUNS[member] for member in found)
        say(f"The data have {nouns}, so this sets {' and '.join(found.values())}.")
        arguments.overrides = [*arguments.overrides, *found.values()]
    return bool(found)
