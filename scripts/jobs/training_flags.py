"""The flags of scripts.train that are about the job: its instances and its checkpoints."""

import argparse
import re
import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import describe_parameters
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from newsgroup_classifier.stream_parameters import READING, STREAM
from scripts.account.aws import Aws
from scripts.account.command import default_stack
from scripts.account.naming import release_name
from scripts.jobs.training_plans import INSTANCE_TYPES, TrainingPlan

LOCAL_INSTANCES = 10  # the most of a job that a local AWS takes: all are the same laptop
_FILE, _PIPE = "File", "Pipe"  # TrainingInputMode
_CHECKPOINTED = "tensorflow"  # the framework whose training program keeps every fit's state
# What the command that goes on says again, by where the arguments have it. --yes is not among them:
# who answered for one job has not answered for the next.
REPEATED = {
    "--setting": "setting",
    "--set": "settings",
    "--instance-type": "instance_type",
    "--instance-count": "instance_count",
    "--input-mode": "input_mode",
    "--spot": "spot",
    "--approve": "approve",
    "--pictures": "pictures",
    "--region": "region",
    "--stack": "stack",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def add_job_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    types = ", ".join(f"{kind} for {framework}" for framework, kind in INSTANCE_TYPES.items())
    parser.add_argument("--instance-type", help=f"instance of the job ({types})")
    parser.add_argument(
        "--instance-count",
        type=_count,
        default=1,
        metavar="N",
        help="instances that train together; more than 1 for recipes of TensorFlow (%(default)s)",
    )
    parser.add_argument(
        "--input-mode",
        choices=(_FILE, _PIPE),
        default=_FILE,
        help="channels as files, or through pipes while the job runs; Pipe for recipes that read "
        "a stream (%(default)s)",
    )
    parser.add_argument(
        "--checkpoints",
        metavar="NAME",
        help="go on from the checkpoints of this name, such as an interrupted job's (its own)",
    )
    parser.add_argument(
        "--spot", action="store_true", help="a cheaper job, which AWS may interrupt and start again"
    )


def describe_hyperparameters(argv: list[str]) -> str:
    """Return what --help says of the hyperparameters of the recipe that a command line names."""
    names = [name for flag, name in pairwise(argv) if flag == "--recipe"]
    names += [word.removeprefix("--recipe=") for word in argv if word.startswith("--recipe=")]
    if not names or names[-1] not in RECIPES:
        listing = "\n".join(f"  {recipe.name}: {recipe.summary}" for recipe in RECIPES.values())
        hint = "--recipe NAME --help lists the hyperparameters of a recipe and what they mean."
        return f"recipes:\n{listing}\n\n{hint}"
    recipe = RECIPES[names[-1]]
    settings = f"; --setting: {', '.join(recipe.presets)}" if recipe.presets else ""
    listed = describe_parameters(recipe.hyperparameters)
    return f"hyperparameters of {recipe.name}, with their defaults (--set{settings}):\n{listed}"


def reading_of(recipe: Recipe, input_mode: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the hyperparameters that an input mode asks for; raise DeploymentError if it cannot.

    A pipe is read once from its beginning to its end, and by recipes that stream alone.
    """
    if input_mode == _FILE:
        return {}
    if not recipe.streams:
        streaming = ", ".join(name for name, other in RECIPES.items() if other.streams)
        raise DeploymentError(
            f"--input-mode {_PIPE} needs a recipe that reads a stream ({streaming}); "
            f"{recipe.name} reads its channels whole"
        )
    if given.get(READING, STREAM) != STREAM:
        raise DeploymentError(
            f"--set {READING}={given[READING]} does not go with --input-mode {_PIPE}, whose pipes "
            f"are read as a {STREAM}; leave one of them out"
        )
    return {READING: STREAM}


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of instances; expected 1 or more")
    return int(text)


def check_count(aws: Aws, instances: int) -> None:
    """Raise DeploymentError for more instances than a local AWS takes; AWS has its own quotas."""
    if aws.is_local and instances > LOCAL_INSTANCES:
        raise DeploymentError(
            f"--instance-count {instances} is more than a local AWS takes; expected at most "
            f"{LOCAL_INSTANCES}, all of which are this computer"
        )


def checkpoints_of(recipe: Recipe, arguments: argparse.Namespace, stamp: str) -> str:
    """Return the name of the job's checkpoints, "" for a recipe that keeps none.

    Raise DeploymentError for flags that a recipe without checkpoints cannot take.
    """
    _check_flags(recipe, arguments)
    if not _keeps(recipe):
        return ""
    name: str | None = arguments.checkpoints
    if name is None:
        return release_name(recipe.name, stamp)
    if not _NAME.fullmatch(name):
        raise DeploymentError(
            f"--checkpoints {name!r} is no name of checkpoints; expected letters, digits, dots, "
            "dashes and underscores, such as the name of the job that left them"
        )
    return name


def _keeps(recipe: Recipe) -> bool:
    """Tell whether the recipe's jobs keep checkpoints: of the fit, or of a search before it."""
    searched = "search" in {parameter.name for parameter in recipe.hyperparameters}
    return recipe.framework == _CHECKPOINTED or searched


def _check_flags(recipe: Recipe, arguments: argparse.Namespace) -> None:
    single, kept = recipe.framework != _CHECKPOINTED, _keeps(recipe)
    asked = {
        f"--instance-count {arguments.instance_count}": single and arguments.instance_count > 1,
        f"--checkpoints {arguments.checkpoints}": not kept and arguments.checkpoints is not None,
        "--spot": not kept and arguments.spot,
    }
    for flag, refused in asked.items():
        if refused:
            others = "" if kept else " or one with a search"
            raise DeploymentError(
                f"{flag} needs a recipe of TensorFlow{others}; {recipe.name} trains with "
                f"{recipe.framework} on one machine{'' if kept else ' and keeps no checkpoints'}"
            )


def again_command(plan: TrainingPlan, arguments: argparse.Namespace) -> str:
    """Return the command that goes on from the checkpoints of a job, "" if it keeps none."""
    if not plan.checkpoints:
        return ""
    words = ["python", "-m", "scripts.train", "--recipe", plan.recipe.name]
    defaults = {"--instance-count": 1, "--input-mode": _FILE, "--stack": default_stack()}
    for flag, name in REPEATED.items():
        given = getattr(arguments, name)
        if given != defaults.get(flag):
            words += _words(flag, given)
    return shlex.join([*words, "--checkpoints", plan.checkpoints])


def _words(flag: str, given: Any) -> list[str]:
    """Return a flag as it was given: not at all, bare, once, or once for each of a list."""
    if isinstance(given, bool):
        return [flag] if given else []
    values = given if isinstance(given, list) else [given]
    return [word for value in values for word in (flag, str(value))]
