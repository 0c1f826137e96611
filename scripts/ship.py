"""Turn a file of labeled texts, or a scikit-learn model that you trained, into a deployed model.

    python -m scripts.ship tickets.csv
    python -m scripts.ship tickets.csv --text body --label queue --target both
    python -m scripts.ship model.joblib --name tickets

A file of texts is uploaded, and a recipe is trained on it; the metrics are shown next to those of
always predicting the largest class. A model (.joblib, .pkl) is registered, as with `register`:
reading it runs code from the file on this machine, so pass only files that you trust. After your
approval, the model is deployed and gets a first request.

Each step is also a command of its own; only those have --dry-run. If a step fails after the upload,
ship prints the commands for the remaining steps. If you run ship again with the same data, it
uploads nothing twice.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import connect
from scripts.account.command import Result, say
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.account.parsing import flag_names, flag_words
from scripts.functions.access import FLAGS, add_access_arguments
from scripts.functions.release import check_recipe
from scripts.jobs.training_flags import add_hyperparameter_arguments, read_hyperparameters
from scripts.steps.own_job import (
    DEFAULT_RECIPE,
    add_own_arguments,
    is_model,
    own_job,
    own_model_job,
)
from scripts.steps.review import check_terminal, next_commands, review, review_model
from scripts.steps.route import Progress, Route, Step, needs_setup, set_up

_BOTH = "both"
_TARGETS = {PIPELINE: (PIPELINE,), LAMBDA: (LAMBDA,), _BOTH: (PIPELINE, LAMBDA)}

_HYPERPARAMETERS = ("preset", "overrides", "folds", "no_report", "no_texts")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser, DEFAULT_RECIPE, "named after the file")
    add_own_arguments(parser)
    add_hyperparameter_arguments(parser)
    parser.set_defaults(input_mode=None, recipe=None)  # a passed recipe is refused for a model
    parser.add_argument(
        "--target",
        choices=tuple(_TARGETS),
        default=PIPELINE,
        help="where to deploy: an endpoint (pipeline), a Lambda function with an HTTP API, or both "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--with-api", action="store_true", help="also deploy an HTTP API in front of the endpoint"
    )
    add_access_arguments(parser)
    parser.add_argument(
        "--yes",
        action="store_true",
        help="do not ask for approval of the model, or for confirmation on AWS",
    )
    command.add_common_arguments(parser, dry_run=False)


def run(arguments: argparse.Namespace) -> Result:
    """Run every step; return the results and seconds of each."""
    routes = _routes(arguments)
    check_terminal(arguments.yes)
    aws = connect(arguments)
    steps = [step for route in routes for step in route.steps()]
    if needs_setup(aws, routes[0].job):
        steps.insert(0, set_up(routes[0].job))
    progress = Progress()
    _run_all(progress, steps, routes[0].results)
    source, kind = routes[0].source, "model" if routes[0].job.model else "data"
    seconds = progress.show(f"{kind}: {source}")
    say("\n  ".join(["\nWhat you can do next:", *next_commands(routes)]))
    recipe = routes[0].recipe
    return {
        "recipe": recipe.name,
        "name": recipe.data_name,
        kind: source,
        **_addresses(routes),
        "steps": progress.results,
        "seconds": seconds,
    }


def _routes(arguments: argparse.Namespace) -> list[Route]:
    targets = _TARGETS[arguments.target]
    if arguments.with_api and PIPELINE not in targets:
        raise DeploymentError(
            f"--with-api is for --target {PIPELINE}; --target {LAMBDA} always has an HTTP API"
        )
    passed = flag_names(arguments, FLAGS)
    if passed and not arguments.with_api and LAMBDA not in targets:
        raise DeploymentError(
            f"{passed[0]} is for an HTTP API, which --target {LAMBDA} or --with-api deploys"
        )
    of_model = is_model(arguments.file)
    make = partial(own_model_job, to_lambda=LAMBDA in targets) if of_model else own_job
    job = make(
        arguments,
        train=tuple(flag_words(arguments, _HYPERPARAMETERS)),
        stack=arguments.stack,
        region=arguments.region,
        deploy=("--with-api",) if arguments.with_api else (),
        access=tuple(flag_words(arguments, FLAGS)),
        yes=arguments.yes,
        review=partial(review_model if of_model else review, yes=arguments.yes),
    )
    read_hyperparameters(job.recipe, arguments)
    if LAMBDA in targets:
        check_recipe(job.recipe)
    first = Route(job, targets[0])  # only this one makes the model
    return [first, *(Route(job, target, first) for target in targets[1:])]


def _addresses(routes: Sequence[Route]) -> Result:
    """Return the name of the endpoint, and the addresses of APIs: `api_url` is the last one's."""
    members: Result = {}
    for route in routes:
        api = "endpoint_api_url" if route.target == PIPELINE else "function_api_url"
        for key, names in {
            "endpoint_name": ("endpoint_name",),
            "api_url": ("api_url", api),
        }.items():
            if key in route.results["deploy"]:
                members |= dict.fromkeys(names, route.results["deploy"][key])
    return members


def _run_all(progress: Progress, steps: Sequence[Step], made: Mapping[str, Result]) -> None:
    """Run steps; if one does not end well, print what is done and the commands that are left.

    Before this run has `made` anything, these would go on with earlier data or an earlier model.
    """
    for index, step in enumerate(steps):
        try:
            progress.run(step)
        except BaseException:
            if made:
                done, left = ", ".join(progress.results), (one.command for one in steps[index:])
                say(
                    f"Done: {done}. To continue, run ship again, or these commands:\n  "
                    + " &&\n  ".join(left)
                )
            raise


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
