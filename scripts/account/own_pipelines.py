"""Check a user's own code on this machine, before anything is uploaded."""

import re
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from newsgroup_classifier.errors import DeploymentError, TrainingError
from newsgroup_classifier.own_code import OwnCode, projects_by_module
from newsgroup_classifier.recipe import Recipe
from scripts.account.container_images import SCIKIT_LEARN_PACKAGES
from scripts.account.lock import ROOT

_OURS = ("newsgroup_classifier", "inference_pipeline")


def checked_recipe(entry: str, trial: bool) -> Recipe:
    """Import the recipe of a user's file; raise an error unless it can be trained and served.

    With a `trial`, it is also fitted. Both happen in a copy, so that what does not travel with the
    file is not found.
    """
    with redirect_stdout(sys.stderr):
        return _checked_recipe(entry, trial)


def _checked_recipe(entry: str, trial: bool) -> Recipe:
    # These import scikit-learn, which other commands do not need.
    from newsgroup_classifier.training.own_recipes import code_of, own_recipe
    from newsgroup_classifier.training.scikit_learn.servable import check_pipeline, pickled_modules
    from newsgroup_classifier.training.scikit_learn.trial import try_pipeline

    code = code_of(entry)
    imports = {name: path.name for name, path in code.imports.items()}
    with _copied(code) as copy:
        try:
            recipe = own_recipe(entry, copy)
        except TrainingError:
            check_packages(imports)  # a better reason, if this machine lacks them, too
            raise
        pipeline = recipe.build(recipe.defaults)
        check_pipeline(replace(recipe, own=code), pipeline, ROOT)
        modules = pickled_modules(pipeline, f"the pipeline of {entry}")
        users = imports | dict.fromkeys(modules, f"the pipeline of {Path(entry).name}")
        check_packages(users, (*code.names, *recipe.vendored))
        if trial:
            try_pipeline(recipe)
    return own_recipe(entry, code)


@contextmanager
def _copied(code: OwnCode) -> Iterator[OwnCode]:
    """Copy the files of modules to a temporary folder, which is the current one for so long."""
    with TemporaryDirectory(prefix="own-code-") as name, chdir(name):
        folder = Path(name).resolve()
        for place, path in code.files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / place)
        try:
            yield replace(code, folder=folder, copied_from=code.folder)
        except TrainingError as error:
            if not _misses_a_file(error):
                raise
            raise TrainingError(
                f"{str(error).replace(f'{folder}/', '')}. It was run in a folder with the files "
                f"that jobs and containers have: {', '.join(code.files)}. Import other modules "
                "with an import statement, and put data files into a package that your file imports"
            ) from error


def _misses_a_file(error: BaseException | None) -> bool:
    """Return whether an error comes from a file or module that does not exist."""
    while error and not isinstance(error, FileNotFoundError | ModuleNotFoundError):
        error = error.__cause__
    return error is not None


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
