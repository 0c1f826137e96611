"""The flags of `tune` and their meaning: search space, strategy, and limits."""

import argparse
import math

from newsgroup_classifier.agreement import NOT_SEARCHED, check_agreement
from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.search_space import (
    Choices,
    Range,
    SearchSpace,
    check_grid,
    check_space,
    parse_range,
)
from newsgroup_classifier.shared_hyperparameters import READING, STREAM
from scripts.account.aws import Aws
from scripts.account.command import add_set_argument, whole_number
from scripts.account.parsing import number
from scripts.account.stacks import recipe_flags
from scripts.jobs.training_flags import (
    FOLDS,
    add_data_argument,
    add_folds_argument,
    add_report_arguments,
    read_overrides,
)
from scripts.jobs.tuning_plans import STRATEGIES, Search

DEFAULT_JOBS, DEFAULT_PARALLEL, DEFAULT_FOLDS = 20, 2, 5
_ACCURACY = "an accuracy; expected a number above 0, up to 1, such as 0.9"
# AWS's limits on the values of a range, and on the training jobs of a tuning job.
_MAX_VALUES, _MAX_JOBS = 30, 750


def add_tuning_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    add_data_argument(parser)
    parser.add_argument(
        "--strategy",
        choices=sorted(STRATEGIES),
        default="bayesian",
        help="how values are selected; grid tries every combination (default: %(default)s)",
    )
    parser.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        dest="ranges",
        help="values to search: alpha=0.01,0.1 or alpha=1e-4..1e-1:log; repeat for several "
        "(default: the search space of the recipe)",
    )
    parser.add_argument(
        "--max-jobs",
        type=whole_number(1),
        metavar="N",
        help=f"training jobs in total (default: {DEFAULT_JOBS}, or all combinations if fewer)",
    )
    parser.add_argument(
        "--parallel",
        type=whole_number(1),
        default=DEFAULT_PARALLEL,
        metavar="K",
        help="training jobs at the same time (default: %(default)s)",
    )
    add_set_argument(parser, "hyperparameter that is not searched; repeat for several")
    add_folds_argument(parser, str(DEFAULT_FOLDS))
    add_report_arguments(parser)
    parser.add_argument(
        "--early-stopping",
        action="store_true",
        help="stop networks whose epochs score below the median of earlier jobs",
    )
    parser.add_argument(
        "--warm-start",
        action="append",
        default=[],
        metavar="NAME",
        help="earlier tuning job to learn from; repeat for up to 5",
    )
    parser.add_argument(
        "--transfer", action="store_true", help="allow a warm start from other data or other code"
    )
    parser.add_argument(
        "--stop-at",
        type=number(lambda value: 0 < value <= 1, _ACCURACY),
        metavar="VALUE",
        help="stop once a training job reaches this accuracy",
    )
    parser.add_argument(
        "--instance-type", help="instance type of the training jobs (default: as for train)"
    )
    # What `train` has flags for.
    parser.set_defaults(instance_count=1, checkpoints="", spot=False, input_mode=None)


def read_search(recipe: Recipe, arguments: argparse.Namespace) -> Search:
    """Return the search of the flags; raise HyperparameterError or DeploymentError if invalid."""
    overrides = read_overrides(recipe, arguments)
    ranges = tuple(parse_range(text, recipe.hyperparameters) for text in arguments.ranges)
    space = ranges or recipe.space
    if not space:
        raise HyperparameterError(
            f"recipe {recipe.name} has no search space; pass at least one range, such as "
            "--range NAME=VALUE,VALUE"
        )
    check_space(space, recipe.hyperparameters)
    _check_ranges(space, overrides)
    if overrides.get("search", "none") != "none":
        raise HyperparameterError(
            "each training job of a tuning job trains one candidate; omit --set search, or "
            "search inside one training job with `train`"
        )
    if arguments.early_stopping and OBJECTIVE not in recipe.epoch_metrics:
        raise DeploymentError(
            f"--early-stopping compares epochs, but {recipe.name} measures {OBJECTIVE} only once, "
            "at the end; omit it"
        )
    if recipe.framework == "scikit-learn":
        _check_comparison(recipe, overrides, arguments)
        overrides.setdefault(FOLDS, str(DEFAULT_FOLDS))
    hyperparameters = parse_hyperparameters(overrides, recipe.hyperparameters)
    if hyperparameters.get(FOLDS) in (0, 1):
        raise DeploymentError(
            f"{FOLDS}={overrides[FOLDS]} leaves nothing to compare candidates by; expected 2 or "
            "more"
        )
    check_agreement(recipe, hyperparameters)
    _check_parents(arguments)
    jobs = _jobs(space, arguments)
    return Search(
        space,
        hyperparameters,
        strategy=arguments.strategy,
        jobs=jobs,
        parallel=min(arguments.parallel, jobs),
        early_stopping=arguments.early_stopping,
        parents=arguments.warm_start,
        transfer=arguments.transfer,
        stop_at=arguments.stop_at,
    )


def _check_ranges(space: SearchSpace, overrides: dict[str, str]) -> None:
    for part in space:
        if part.name in NOT_SEARCHED:
            raise HyperparameterError(
                f"hyperparameter {part.name} controls how jobs train or are compared, so it cannot "
                "be searched; expected a hyperparameter of the model"
            )
        if part.name in overrides:
            raise HyperparameterError(
                f"hyperparameter {part.name} is both searched and set; pass either --range or --set"
            )
        if isinstance(part, Choices) and len(part.values) > _MAX_VALUES:
            raise HyperparameterError(
                f"the range of {part.name} has {len(part.values)} values; AWS accepts {_MAX_VALUES}"
            )


def _check_comparison(
    recipe: Recipe, overrides: dict[str, str], arguments: argparse.Namespace
) -> None:
    if FOLDS not in recipe.defaults:
        raise HyperparameterError(
            f"recipe {recipe.name} has no hyperparameter {FOLDS}, which tune compares candidates "
            "by; add SEARCH or FOLDS to its hyperparameters"
        )
    if overrides.get(READING) == STREAM:
        flags = recipe_flags(Aws(arguments.region), recipe, arguments.stack)
        raise HyperparameterError(
            "tune compares candidates by folds, which a stream does not have; omit --set "
            f"{READING}={STREAM}, and train with the result from a stream: python -m scripts.train "
            f"{flags} --set {READING}={STREAM}"
        )


def _check_parents(arguments: argparse.Namespace) -> None:
    parents = arguments.warm_start
    if arguments.transfer and not parents:
        raise DeploymentError("--transfer needs a tuning job to learn from; add --warm-start NAME")
    if parents and arguments.strategy == "grid":
        raise DeploymentError(
            "a grid cannot learn from a --warm-start; use the strategy random or bayesian"
        )


def _jobs(space: SearchSpace, arguments: argparse.Namespace) -> int:
    combinations = math.prod(_size(part) for part in space)
    requested: int | None = arguments.max_jobs
    if arguments.strategy == "grid":
        check_grid(space)
        if requested not in (None, combinations):
            raise DeploymentError(
                f"--max-jobs {requested} does not match the grid, which tries all of its "
                f"{combinations:g} combinations; omit it, or use the strategy random"
            )
        if combinations > _MAX_JOBS:
            raise DeploymentError(
                f"the grid has {combinations:.0f} combinations; AWS accepts {_MAX_JOBS}"
            )
        return int(combinations)
    if requested is None:
        return int(min(DEFAULT_JOBS, combinations))
    limit = min(combinations, _MAX_JOBS)
    if requested > limit:
        reason = "AWS accepts" if combinations > limit else "there are combinations"
        raise DeploymentError(
            f"--max-jobs {requested} is more than {reason}; expected {limit:g} or fewer"
        )
    return requested


def _size(part: Range) -> float:
    if isinstance(part, Choices):
        return len(part.values)
    return part.highest - part.lowest + 1 if part.whole else math.inf
