"""What the flags of scripts.tune mean for a recipe: its space, its strategy and its limits."""

import argparse
import math
from dataclasses import dataclass

from newsgroup_classifier.agreement import NOT_SEARCHED, check_agreement
from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from newsgroup_classifier.hyperparameters import Value, parse_hyperparameters
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
from newsgroup_classifier.stream_parameters import READING, STREAM
from scripts.account.naming import TUNING_NAME
from scripts.jobs.tuning_plans import STRATEGIES

DEFAULT_JOBS, DEFAULT_PARALLEL, DEFAULT_FOLDS = 20, 2, 5
# What AWS takes: of a range's values, of ranges together, and of one tuning job's training jobs.
_MOST_VALUES, _MOST_RANGES, _MOST_JOBS = 30, 30, 750
_FOLDS = "folds"


def add_tuning_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "--strategy",
        choices=sorted(STRATEGIES),
        default="bayesian",
        help="how values are chosen: grid tries all of them (%(default)s)",
    )
    parser.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        dest="ranges",
        help="what to vary: alpha=0.01,0.1 or alpha=1e-4..1e-1:log; repeat for several "
        "(the recipe's own search space)",
    )
    parser.add_argument(
        "--max-jobs",
        type=_count,
        metavar="N",
        help=f"training jobs in all ({DEFAULT_JOBS}, or as many as there are combinations)",
    )
    parser.add_argument(
        "--parallel",
        type=_count,
        default=DEFAULT_PARALLEL,
        metavar="K",
        help="training jobs at once (%(default)s)",
    )
    parser.add_argument(
        "--folds",
        type=_number,
        metavar="N",
        help="folds of the cross-validation that gives the objective, of recipes of scikit-learn "
        f"({DEFAULT_FOLDS})",
    )
    parser.add_argument(
        "--early-stopping",
        action="store_true",
        help="stop networks that do worse than the median of those before, epoch by epoch",
    )
    parser.add_argument(
        "--warm-start",
        action="append",
        default=[],
        metavar="NAME",
        help="learn from an earlier tuning job; repeat for up to 5",
    )
    parser.add_argument(
        "--transfer", action="store_true", help="the warm start is from other data or other code"
    )
    parser.add_argument(
        "--stop-at", type=_objective, metavar="VALUE", help="be content with this objective"
    )
    parser.add_argument("--instance-type", help="instance of the training jobs (as train's)")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number, such as 5")
    return int(text)


def _count(text: str) -> int:
    if (found := _number(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; expected 1 or more")
    return found


def _objective(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no accuracy to stop at; expected a number above 0, up to 1, such as 0.9"
        )
    return value


@dataclass(frozen=True)
class Search:
    """What is searched: the space, the values of what does not vary, and the number of jobs."""

    space: SearchSpace
    values: dict[str, Value]
    jobs: int


def read_search(recipe: Recipe, given: dict[str, str], arguments: argparse.Namespace) -> Search:
    """Return what the flags ask for; raise HyperparameterError or DeploymentError if it is wrong.

    `given` are the hyperparameters of --set, as text.
    """
    texts = tuple(arguments.ranges)
    space = tuple(parse_range(text, recipe.hyperparameters) for text in texts) or recipe.space
    if not space:
        raise HyperparameterError(
            f"recipe {recipe.name} has no search space of its own; name what to vary with --range, "
            "such as --range NAME=VALUE,VALUE"
        )
    check_space(space, recipe.hyperparameters)
    for part in space:
        if part.name in NOT_SEARCHED and recipe.framework == "scikit-learn":
            raise HyperparameterError(
                f"hyperparameter {part.name} says how training jobs train or are compared, so it "
                "cannot be varied; expected one that the model is built from"
            )
        if part.name in given:
            raise HyperparameterError(
                f"hyperparameter {part.name} is varied and set; give either --range or --set"
            )
    if given.get("search", "none") != "none":
        raise HyperparameterError(
            "each training job of a tuning job trains one candidate; leave --set search out, or "
            "search inside one training job with scripts.train"
        )
    _check_sizes(space)
    if arguments.early_stopping and OBJECTIVE not in recipe.epoch_metrics:
        raise DeploymentError(
            f"--early-stopping compares epochs, and {recipe.name} has its {OBJECTIVE} once, at the "
            "end, so nothing would be stopped; leave it out"
        )
    values = parse_hyperparameters(given | _folds(recipe, given, arguments), recipe.hyperparameters)
    check_agreement(recipe, values)
    _check_parents(arguments)
    return Search(space, values, _jobs(space, arguments))


def _check_sizes(space: SearchSpace) -> None:
    if len(space) > _MOST_RANGES:
        raise HyperparameterError(f"there are {len(space)} ranges; AWS takes {_MOST_RANGES}")
    for part in space:
        if isinstance(part, Choices) and len(part.values) > _MOST_VALUES:
            raise HyperparameterError(
                f"the range of {part.name} has {len(part.values)} values; AWS takes {_MOST_VALUES}"
            )


def _folds(recipe: Recipe, given: dict[str, str], arguments: argparse.Namespace) -> dict[str, str]:
    """Return the folds as a hyperparameter; the networks hold rows back by themselves."""
    if recipe.framework != "scikit-learn":
        if arguments.folds is not None:
            raise DeploymentError(
                f"--folds {arguments.folds} is for recipes of scikit-learn; {recipe.name} holds "
                "rows of the train channel back (validation_share)"
            )
        return {}
    if _FOLDS in given:
        raise HyperparameterError("set the folds with --folds, not with --set")
    if given.get(READING) == STREAM:
        raise HyperparameterError(
            f"tune compares by folds, which a stream has not; leave --set {READING}={STREAM} out, "
            "and train with what it finds from a stream: python -m scripts.train "
            f"--recipe {recipe.name} --set {READING}={STREAM}"
        )
    folds = DEFAULT_FOLDS if arguments.folds is None else arguments.folds
    if folds < 2:
        raise DeploymentError(f"--folds {folds} leaves nothing to compare by; expected 2 or more")
    return {_FOLDS: str(folds)}


def _check_parents(arguments: argparse.Namespace) -> None:
    parents = arguments.warm_start
    if arguments.transfer and not parents:
        raise DeploymentError("--transfer is a kind of --warm-start; name the tuning job, too")
    if parents and arguments.strategy == "grid":
        raise DeploymentError("a grid learns nothing of a --warm-start; choose random or bayesian")
    for name in parents:
        if not TUNING_NAME.fullmatch(name):
            raise DeploymentError(
                f"--warm-start {name!r} is no name of a tuning job; expected up to 32 letters, "
                "digits and dashes, as tune prints it"
            )


def _jobs(space: SearchSpace, arguments: argparse.Namespace) -> int:
    """Return how many training jobs there are."""
    found = math.prod(_size(part) for part in space)
    if arguments.strategy == "grid":
        check_grid(space)
        count = int(found)
        if arguments.max_jobs not in (None, count):
            raise DeploymentError(
                f"--max-jobs {arguments.max_jobs} does not fit the grid, which has {count} "
                "combinations and tries them all; leave it out, or search at random"
            )
        if count > _MOST_JOBS:
            raise DeploymentError(f"the grid has {count} combinations; AWS takes {_MOST_JOBS}")
        return count
    asked = arguments.max_jobs
    if asked is None:
        return int(min(DEFAULT_JOBS, found))
    if asked > found:
        raise DeploymentError(
            f"--max-jobs {asked} is more than there are combinations ({found:g}); expected "
            f"{found:g} or fewer"
        )
    if asked > _MOST_JOBS:
        raise DeploymentError(f"--max-jobs {asked} is more than AWS takes; it takes {_MOST_JOBS}")
    return int(asked)


def _size(part: Range) -> float:
    """Return how many values a range has."""
    if isinstance(part, Choices):
        return len(part.values)
    return part.highest - part.lowest + 1 if part.whole else math.inf
