"""Check a user's own code on this machine, before anything is uploaded."""

import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError, TrainingError
from newsgroup_classifier.installed import projects_by_module
from newsgroup_classifier.recipe import Recipe
from scripts.account.container_images import SCIKIT_LEARN_PACKAGES
from scripts.account.lock import ROOT

_OURS = ("newsgroup_classifier", "inference_pipeline")


def checked_recipe(entry: str, trial: bool) -> Recipe:
    """Import the recipe of a user's file; raise an error unless it can be trained and served.

    With a `trial`, it is also fitted. Commands that only name a recipe do without.
    """
    # These import scikit-learn, which other commands do not need.
    from newsgroup_classifier.training.own_recipes import code_of, own_recipe
    from newsgroup_classifier.training.scikit_learn.servable import check_pipeline, pickled_modules
    from newsgroup_classifier.training.scikit_learn.trial import try_pipeline

    code = code_of(entry)
    imports = {name: path.name for name, path in code.imports.items()}
    try:
        recipe = own_recipe(entry)
    except TrainingError:
        check_packages(imports)  # a better reason, if this machine lacks them, too
        raise
    pipeline = recipe.build(recipe.defaults)
    check_pipeline(recipe, pipeline, ROOT)
    modules = pickled_modules(pipeline, f"the pipeline of {entry}")
    users = imports | dict.fromkeys(modules, f"the pipeline of {Path(entry).name}")
    check_packages(users, (*code.names, *recipe.vendored))
    if trial:
        try_pipeline(recipe)
    return recipe


def check_packages(modules: Mapping[str, str], own: Collection[str] = ()) -> None:
    """Raise DeploymentError if the scikit-learn image lacks a module; values say who needs it."""
    projects = projects_by_module()
    for module, user in modules.items():
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or top in _OURS or top in own:
            continue
        names = {re.sub("[-_.]+", "-", name).lower() for name in projects.get(top, [top])}
        if not names & SCIKIT_LEARN_PACKAGES:
            raise DeploymentError(
                f"{user} needs {top}, which the scikit-learn image does not have, and containers "
                "install nothing. Do without it, or copy a pure Python module next to your file. "
                "The image has numpy, pandas, pyarrow, scikit-learn, and scipy, among others"
            )
