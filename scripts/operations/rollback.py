"""Return an endpoint or a function to the release that it served before.

    python -m scripts rollback --recipe newsgroups-naive-bayes
    python -m scripts rollback --recipe spooky-ngrams --target lambda

An endpoint keeps one previous release; a second rollback returns to the newer one. A function keeps
all its versions; each rollback goes one version back.
"""

import argparse
import sys

from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import Aws, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import LAMBDA, TARGETS
from scripts.account.ownership import sagemaker_tags
from scripts.account.selection import Recipe, selected_recipe
from scripts.endpoints.flags import add_deployed_arguments, deployed_flags
from scripts.endpoints.live import own_endpoint
from scripts.endpoints.plans import PACKAGE_TAG
from scripts.endpoints.previous import previous_config, record_call, roll_back, rollback_call
from scripts.functions.release import check_recipe, function_outputs
from scripts.functions.versions import live_alias, previous_version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    add_deployed_arguments(parser, TARGETS, "what to roll back")
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Return to the previous release, wait until it serves, and return the names."""
    recipe = selected_recipe(arguments)
    if arguments.target != LAMBDA:
        return _roll_back_endpoint(connect(arguments), recipe, arguments)
    if arguments.endpoint_name:
        raise DeploymentError(f"--endpoint-name is for endpoints; the target is {LAMBDA}")
    check_recipe(recipe)
    return _roll_back_function(connect(arguments), recipe, arguments)


def _roll_back_endpoint(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> Result:
    name, endpoint = own_endpoint(aws, recipe, arguments, "roll back")
    config = previous_config(aws, endpoint, deployed_flags(aws, recipe, arguments))
    call = rollback_call(endpoint, config)
    if arguments.dry_run:
        record, _ = record_call(aws, name, endpoint["EndpointConfigName"])
        return dry_run([record, call])
    replaced, target = endpoint["EndpointConfigName"], config["EndpointConfigName"]
    confirm(aws, arguments.yes, f"This returns endpoint {name} from {replaced} to {target}")
    roll_back(aws, endpoint, call)
    say(f"Endpoint {name} serves {target} again.")
    model = config["ProductionVariants"][0]["ModelName"]
    arn = f"arn:aws:sagemaker:{aws.region}:{aws.account_id}:model/{model}"
    return {
        "endpoint_name": name,
        "endpoint_config_name": target,
        "model_name": model,
        "model_package_arn": (sagemaker_tags(aws, arn) or {}).get(PACKAGE_TAG, ""),
        "replaced": replaced,
    }


def _roll_back_function(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> Result:
    outputs = function_outputs(aws, arguments.stack, recipe)
    alias = live_alias(aws, outputs)
    if alias.incoming:
        raise DeploymentError(
            f"a release is moving the calls of function {alias.function} from version "
            f"{alias.version} to {alias.incoming}. Wait until it ends, or set off one of its "
            "alarms, which returns them"
        )
    flags = deployed_flags(aws, recipe, arguments)
    version = previous_version(aws, alias, flags)
    call = alias.move_call(version)
    if arguments.dry_run:
        return dry_run([call])
    what = f"function {alias.function} from version {alias.version} to version {version}"
    confirm(aws, arguments.yes, f"This returns {what}")
    aws.make(call)
    say(
        f"Function {alias.function} serves version {version} again. Its stack still names version "
        f"{alias.version}, so before a release with --canary or --linear, deploy the package that "
        f"serves now; status shows it: python -m scripts.deploy {flags} --package ARN"
    )
    return {"function_name": alias.function, "version": version, "replaced": alias.version}


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
