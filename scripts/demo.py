"""Run every step on this machine: upload, train, register, approve, deploy, and invoke.

    python -m scripts.demo
    python -m scripts.demo --keep

One recipe is deployed to a SageMaker endpoint, another to a Lambda function behind an HTTP API.
With --keep, both keep running, and the demo prints commands that use them.

The demo starts its own local AWS and does not touch an AWS account.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.own_code import is_own_file
from newsgroup_classifier.recipes.catalogue import find_recipe
from scripts.account import command
from scripts.account.command import Result, say
from scripts.account.local_aws import local_aws
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.account.parsing import flag_names
from scripts.jobs.own_files import FILE_FLAGS, add_file_arguments
from scripts.steps.own_job import own_job
from scripts.steps.review import compare, next_commands
from scripts.steps.route import Job, Progress, Route, can_run_functions, set_up

_POLL_SECONDS = 0.5  # between checks for Ctrl-C
_ENDPOINT_RECIPE, _LAMBDA_RECIPE = "newsgroups-naive-bayes", "spooky-topic-forest"
_TENSORFLOW_RECIPE = "digits-cnn"
# A full training takes minutes. After two epochs the accuracy of digits-cnn is 99%.
_QUICK = {"tensorflow": ("--set", "epochs=2")}
# The user's own AWS configuration, which the demo must ignore.
_UNSET = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "NEWSGROUP_CLASSIFIER_BUCKET",
    "NEWSGROUP_CLASSIFIER_ROLE_ARN",
    "NEWSGROUP_CLASSIFIER_STACK",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="deploy only this recipe, to an endpoint and, if possible, to Lambda "
        f"(default: {_ENDPOINT_RECIPE} to an endpoint, {_LAMBDA_RECIPE} to Lambda)",
    )
    parser.add_argument(
        "--data-dir",
        type=command.path,
        help="folder with the published files (default: DATASETS_DIR)",
    )
    parser.add_argument(
        "--tensorflow",
        action="store_true",
        help=f"also train {_TENSORFLOW_RECIPE} for two epochs and deploy it to TensorFlow "
        "Serving (installs TensorFlow)",
    )
    parser.add_argument("--keep", action="store_true", help="keep running until Ctrl-C")
    add_file_arguments(parser)
    parser.add_argument("--name", help="name of your own data (default: named after the file)")


def run(arguments: argparse.Namespace) -> Result:
    """Run every step against a local AWS; return the result and the seconds of each."""
    for name in _UNSET:
        os.environ.pop(name, None)
    routes = _routes(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress()
    with local_aws() as url:
        os.environ["AWS_ENDPOINT_URL"] = url
        progress.record("local AWS", url, {"url": url}, progress.seconds)
        for step in [set_up(routes[0].job), *(each for one in routes for each in one.steps())]:
            progress.run(step)
        data = ", ".join(dict.fromkeys(route.source for route in routes))
        seconds = progress.show(f"data: {data}")
        if arguments.keep:
            _keep_running(routes)
    recipes = list(dict.fromkeys(route.recipe.name for route in routes))
    return {"recipes": recipes, "data": data, "steps": progress.results, "seconds": seconds}


def _routes(arguments: argparse.Namespace) -> list[Route]:
    if arguments.file:
        if arguments.recipe and not is_own_file(arguments.recipe):
            find_recipe(arguments.recipe)  # the local AWS has no models of other recipes
        jobs = [own_job(arguments, review=compare)]
    elif passed := flag_names(arguments, (*FILE_FLAGS, "name")):
        raise DeploymentError(f"{passed[0]} is for your own data; also pass --file")
    else:
        names = [arguments.recipe] if arguments.recipe else [_ENDPOINT_RECIPE, _LAMBDA_RECIPE]
        jobs = [_job(name, arguments.data_dir) for name in names]
    routes = [Route(jobs[0], PIPELINE)]
    if jobs[-1].recipe.served_by_lambda and can_run_functions():
        routes.append(Route(jobs[-1], LAMBDA, None if jobs[1:] else routes[0]))
    if arguments.tensorflow and jobs[0].recipe.name != _TENSORFLOW_RECIPE:
        routes.append(Route(_job(_TENSORFLOW_RECIPE, arguments.data_dir), PIPELINE))
    return routes


def _job(name: str, data_dir: Path | None) -> Job:
    recipe = find_recipe(name)
    if not recipe.dataset:
        raise DeploymentError(
            f"recipe {name} has no built-in data set; pass your own data, such as --file "
            "tickets.csv, or another recipe"
        )
    return Job(
        recipe=recipe,
        upload=("--data-dir", str(data_dir)) if data_dir else (),
        train=_QUICK.get(recipe.framework, ()),
        sample=True,
    )


def _keep_running(routes: list[Route]) -> None:
    lines = "\n  ".join(["source .venv/bin/activate", *next_commands(routes)])
    say(
        "\nThe local AWS keeps running until Ctrl-C. In another terminal, in this folder:\n"
        f"  {lines}\n"
        "Everything deployed here is deleted with the local AWS."
    )
    try:
        while True:  # an endless wait would miss a signal that another thread receives
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        command.forget_interrupt()
        say("stopping")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
