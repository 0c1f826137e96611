"""Deploy the newest approved model of a recipe.

    python -m scripts.deploy --recipe newsgroups-naive-bayes --target pipeline
    python -m scripts.deploy --recipe newsgroups-naive-bayes --with-api
    python -m scripts.deploy --recipe headlines-fast --target single
    python -m scripts.deploy --recipe spooky-topic-forest --target lambda

--target pipeline runs all containers of the recipe. --target single runs only the TensorFlow
container, for models that accept raw strings. --with-api puts an HTTP API in front of the endpoint,
with the same requests and responses as that of --target lambda.

An existing endpoint or function is updated. It serves the old model until the new one is healthy.
"""

import argparse
import sys

from scripts.account import command
from scripts.account.aws import connect
from scripts.account.command import Result
from scripts.account.log_groups import add_log_days_argument
from scripts.account.naming import LAMBDA, PIPELINE, SINGLE, TARGETS
from scripts.account.registry import deployable_package
from scripts.account.selection import selected_recipe
from scripts.endpoints.flags import add_smoke_argument, add_target_arguments, check_target_flags
from scripts.endpoints.guard import add_guard_arguments
from scripts.endpoints.release import check_single, release_endpoint
from scripts.functions.deployment import check_api, release_function
from scripts.functions.release import check_recipe
from scripts.functions.versions import shift_parameters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--target", choices=TARGETS, default=PIPELINE, help="where to deploy (default: %(default)s)"
    )
    parser.add_argument(
        "--package", metavar="ARN", help="model package (default: the newest approved)"
    )
    add_smoke_argument(parser)
    add_log_days_argument(
        parser, "days for which logs are kept (default: unchanged, or 30 for new logs)"
    )
    add_target_arguments(parser)
    add_guard_arguments(parser)
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Release the package to the target, wait until it serves, and return its names."""
    recipe = selected_recipe(arguments)
    check_target_flags(arguments)
    to_lambda = arguments.target == LAMBDA
    if to_lambda:
        check_recipe(recipe)
        shift_parameters(arguments)  # refuses flags before anything else
    if arguments.with_api:
        check_api(recipe, arguments.target)
    if arguments.target == SINGLE:
        check_single(recipe)
    aws = connect(arguments)
    if not to_lambda:
        aws.check_flag("--endpoint-name", arguments.endpoint_name, "EndpointName")
        aws.check_flag("--instance-type", arguments.instance_type, "ProductionVariantInstanceType")
    package = deployable_package(aws, arguments.stack, recipe, arguments.package)
    release = release_function if to_lambda else release_endpoint
    return release(aws, recipe, package, arguments)


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
