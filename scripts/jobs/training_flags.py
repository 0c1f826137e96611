"""The flags of `train` and their meaning: hyperparameters, instances, and checkpoints."""

import argparse
import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import pairwise

from newsgroup_classifier.agreement import check_agreement
from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from newsgroup_classifier.hyperparameters import (
    Value,
    describe_parameters,
    parse_hyperparameters,
    rename_overrides,
)
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe, preset_values
from newsgroup_classifier.shared_hyperparameters import READING, STREAM
from scripts.account import command
from scripts.account.aws import Aws
from scripts.account.parsing import flag_names, flag_words
from scripts.account.stacks import recipe_flags, recipe_words
from scripts.jobs.data_versions import version_of
from scripts.jobs.training_plans import INSTANCE_TYPES, TrainingPlan

FOLDS = "folds"
_FILE, _PIPE = "File", "Pipe"  # TrainingInputMode
_TENSORFLOW = "tensorflow"  # its training program saves the state of every fit
# The arguments that the command to resume a job repeats. --yes is not repeated: a confirmation
# holds for one job only.
REPEATED = (
    *("like", "data", "preset", "overrides", "folds", "instance_type", "instance_count"),
    *("input_mode", "spot", "approve", "plots", "no_report", "no_texts"),
    *("region", "stack"),
)
SET_BY_JOB = ("instance_type", "instance_count", "input_mode")  # flags, with --like and --job
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def add_hyperparameter_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose hyperparameters."""
    command.add_set_argument(parser, "hyperparameter, such as alpha=0.01; repeat for several")
    preset = parser.add_argument(
        "--preset", metavar="NAME", help="named set of hyperparameters, which --set overrides"
    )
    command.add_old_flag(parser, "--setting", preset)
    add_folds_argument(parser, "the recipe's")
    add_report_arguments(parser)


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that limit the report of a job."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--no-report", action="store_true", help="write no report.html")
    group.add_argument(
        "--no-texts", action="store_true", help="leave texts and their words out of the report"
    )


def add_folds_argument(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the flag for cross-validation."""
    parser.add_argument(
        "--folds",
        type=command.whole_number(0),
        metavar="N",
        help=f"number of folds of the cross-validation (default: {default})",
    )


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Add the flag that chooses an earlier version of the data."""
    parser.add_argument(
        "--data",
        metavar="HASH",
        help="version of the data, as in the keys of its channels (default: the newest upload)",
    )


def add_job_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the job's instances and checkpoints."""
    add_data_argument(parser)
    types = ", ".join(f"{kind} for {framework}" for framework, kind in INSTANCE_TYPES.items())
    parser.add_argument("--instance-type", help=f"instance type of the job (default: {types})")
    parser.add_argument(
        "--instance-count",
        type=command.whole_number(1),
        metavar="N",
        help="instances that train together; 2 or more need a TensorFlow recipe (default: 1)",
    )
    parser.add_argument(
        "--input-mode",
        choices=(_FILE, _PIPE),
        help="read the channels as files, or as a stream through pipes if the recipe supports it "
        f"(default: {_FILE})",
    )
    parser.add_argument(
        "--checkpoints",
        metavar="NAME",
        help="checkpoints to save, and to resume from if they exist (default: the job's name)",
    )
    parser.add_argument(
        "--spot",
        action="store_true",
        help="use spot instances: cheaper, but AWS can interrupt the job",
    )


def epilog(argv: Sequence[str]) -> str:
    """Return the part of --help about the hyperparameters of the recipe in a command line."""
    names = [name for flag, name in pairwise(argv) if flag == "--recipe"]
    names += [word.removeprefix("--recipe=") for word in argv if word.startswith("--recipe=")]
    if not names or names[-1] not in RECIPES:
        return "--recipe NAME --help lists the hyperparameters of a recipe and what they mean."
    recipe = RECIPES[names[-1]]
    presets = f"; --preset: {', '.join(recipe.presets)}" if recipe.presets else ""
    listing = describe_parameters(recipe.hyperparameters)
    return f"hyperparameters of {recipe.name}, with their defaults (--set{presets}):\n{listing}"


def read_overrides(recipe: Recipe, arguments: argparse.Namespace) -> dict[str, str]:
    """Return the overrides of --set and --folds as text by name."""
    overrides: dict[str, str] = {}
    for text in arguments.overrides:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise HyperparameterError(f"--set {text!r} does not have the form NAME=VALUE")
        if name in overrides:
            raise HyperparameterError(f"hyperparameter {name} is set twice")
        overrides[name] = value
    if arguments.folds is not None:
        if FOLDS in overrides:
            raise HyperparameterError("pass either --folds or --set folds, not both")
        overrides[FOLDS] = str(arguments.folds)
    if FOLDS in overrides and recipe.framework == _TENSORFLOW and overrides.get("search") != "grid":
        exception = " without --set search=grid" if "search" in recipe.defaults else ""
        raise DeploymentError(
            f"{FOLDS}={overrides[FOLDS]} does not apply to {recipe.name}{exception}: it holds out "
            "rows of the train channel (validation_split)"
        )
    return rename_overrides(overrides, recipe.hyperparameters)


def read_hyperparameters(recipe: Recipe, arguments: argparse.Namespace) -> dict[str, Value]:
    """Return the hyperparameters of the preset, or the defaults, with the overrides applied."""
    overrides = read_overrides(recipe, arguments)
    overrides |= reading_override(recipe, arguments.input_mode, overrides)
    hyperparameters = parse_hyperparameters(overrides, recipe.hyperparameters)
    if arguments.preset is not None:
        overridden = {name: hyperparameters[name] for name in overrides}
        hyperparameters = preset_values(recipe, arguments.preset) | overridden
    check_agreement(recipe, hyperparameters)
    return hyperparameters


def reading_override(
    recipe: Recipe, input_mode: str | None, overrides: Mapping[str, str]
) -> dict[str, str]:
    """Return the override that an input mode requires; raise DeploymentError if impossible."""
    if input_mode != _PIPE:
        return {}
    if not recipe.streams:
        streaming = ", ".join(name for name, other in RECIPES.items() if other.streams)
        raise DeploymentError(
            f"--input-mode {_PIPE} needs a recipe that reads a stream ({streaming}); "
            f"{recipe.name} reads whole channels"
        )
    if overrides.get(READING, STREAM) != STREAM:
        raise DeploymentError(
            f"--set {READING}={overrides[READING]} contradicts --input-mode {_PIPE}, whose pipes "
            f"are read as a {STREAM}; pass only one of them"
        )
    return {READING: STREAM}


def check_job_arguments(recipe: Recipe, arguments: argparse.Namespace) -> None:
    """Raise DeploymentError for flags that the recipe refuses.

    Set `checkpoints`, which is None for those of the job's own name, to "" if it saves none.
    """
    # Checkpoints are of the fit, or of a search before it.
    saves = recipe.framework == _TENSORFLOW or "search" in recipe.defaults
    flag, needs, reason = "", " or one with a search", "saves no checkpoints"
    if (arguments.instance_count or 1) > 1 and recipe.framework != _TENSORFLOW:
        flag, needs = f"--instance-count {arguments.instance_count}", ""
        reason = "trains on one instance"
    elif not saves and arguments.checkpoints is not None:
        flag = f"--checkpoints {arguments.checkpoints}"
    elif not saves and arguments.spot:
        flag = "--spot"
    if flag:
        raise DeploymentError(
            f"{flag} needs a TensorFlow recipe{needs}; {recipe.name} is a {recipe.framework} "
            f"recipe that {reason}"
        )
    name = arguments.checkpoints
    if name is not None and not _NAME.fullmatch(name):
        raise DeploymentError(
            f"--checkpoints {name!r} is not a valid name; expected letters, digits, dots, dashes "
            "and underscores, such as the name of the job that saved them"
        )
    if not saves:
        arguments.checkpoints = ""


def refuse_flags(arguments: argparse.Namespace, reason: str, *others: str) -> None:
    """Raise DeploymentError for flags that define a job, and for others, if they were passed."""
    names = ("preset", "folds", "data", *SET_BY_JOB, "overrides", *others)
    if passed := flag_names(arguments, names):
        raise DeploymentError(f"{reason}; it does not go with {', '.join(passed)}")


def registration_command(aws: Aws, plan: TrainingPlan, approve: bool) -> str:
    """Return the command that registers the model of a job."""
    flags = recipe_flags(aws, plan.recipe, plan.stack) + (" --approve" if approve else "")
    return f"python -m scripts.train {flags} --job {plan.job_name}"


def resume_command(plan: TrainingPlan, arguments: argparse.Namespace) -> str:
    """Return the command that resumes a job from its checkpoints, "" if it saves none."""
    if not plan.checkpoints:
        return ""
    words = ["python", "-m", "scripts.train", *recipe_words(plan.recipe)]
    names = [name for name in REPEATED if not (arguments.like and name in SET_BY_JOB)]
    # The checkpoints are of this version of the data, also after another upload.
    data = {} if arguments.like else {"data": version_of(plan.channel_keys)}
    repeated = argparse.Namespace(**{**vars(arguments), **data})
    words += flag_words(repeated, names, {"stack": command.default_stack()})
    return shlex.join([*words, "--checkpoints", plan.checkpoints])
