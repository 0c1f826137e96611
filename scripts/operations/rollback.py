"""Return an endpoint or a function to the release that it served before.

    python -m scripts rollback --recipe newsgroups-naive-bayes
    python -m scripts rollback --recipe spooky-ngrams --target lambda

A second rollback returns to the newer release. `deploy` releases the newest approved package, so
reject the package that you rolled back from: approve --reject --package ARN.
"""

import argparse
import sys

from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import Aws, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import LAMBDA, TARGETS, lambda_stack_name
from scripts.account.registry import find_package
from scripts.account.selection import Recipe, selected_recipe
from scripts.account.stacks import recipe_flags
from scripts.endpoints.flags import add_deployed_arguments, deployed_flags
from scripts.endpoints.live import (
    describe_config,
    own_endpoint,
    package_of,
    previous_config,
    record_call,
    roll_back,
    rollback_call,
)
from scripts.functions.release import check_recipe, function_outputs
from scripts.functions.versions import (
    guarding_alarms,
    history_call,
    live_alias,
    move,
    package_at,
    previous_version,
    stack_version,
)
from scripts.releases.alarms import return_hint


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
    of_function = f"pass --target {LAMBDA} to roll it back"
    name, endpoint = own_endpoint(aws, recipe, arguments, "roll back", of_function)
    config = previous_config(aws, endpoint, deployed_flags(aws, recipe, arguments))
    package = package_of(aws, config)
    _check_not_rejected(aws, recipe, arguments, package)
    call = rollback_call(endpoint, config)
    if arguments.dry_run:
        record, _ = record_call(aws, name, endpoint["EndpointConfigName"])
        return dry_run([record, call])
    replaced, target = endpoint["EndpointConfigName"], config["EndpointConfigName"]
    confirm(aws, arguments.yes, f"This returns endpoint {name} from {replaced} to {target}")
    roll_back(aws, endpoint, call)
    say(f"Endpoint {name} serves {target} again.")
    left = package_of(aws, describe_config(aws, replaced) or {})
    _say_how_to_reject(aws, recipe, arguments, left, package)
    return {
        "endpoint_name": name,
        "endpoint_config_name": target,
        "model_name": config["ProductionVariants"][0]["ModelName"],
        "model_package_arn": package,
        "replaced": replaced,
    }


def _roll_back_function(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> Result:
    outputs = function_outputs(aws, arguments.stack, recipe)
    stack = lambda_stack_name(arguments.stack, recipe.scope)
    alias = live_alias(aws, outputs)
    if alias.incoming:
        alarms = guarding_alarms(aws, stack)
        raise DeploymentError(
            f"a release is moving the calls of function {alias.function} from version "
            f"{alias.version} to {alias.incoming}. Wait until it ends"
            f"{return_hint(aws, alarms)}"
        )
    flags = deployed_flags(aws, recipe, arguments)
    version = previous_version(aws, alias, flags)
    left, package = (package_at(aws, alias.function, each) for each in (alias.version, version))
    _check_not_rejected(aws, recipe, arguments, package)
    calls = [history_call(aws, alias), alias.move_call(version)]
    if arguments.dry_run:
        return dry_run(calls)
    what = f"function {alias.function} from version {alias.version} to version {version}"
    confirm(aws, arguments.yes, f"This returns {what}")
    aws.make(calls[0])
    move(aws, alias, version)
    named = stack_version(aws, stack)
    if version != named:
        say(
            f"Its stack still names version {named}, so before a release with --canary or "
            "--linear, deploy the package that serves now: "
            f"python -m scripts.deploy {flags} --package {package or 'ARN'}"
        )
    _say_how_to_reject(aws, recipe, arguments, left, package)
    return {"function_name": alias.function, "version": version, "replaced": alias.version}


def _check_not_rejected(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, package: str
) -> None:
    description = find_package(aws, package) if package else None
    if description is not None and description["ModelApprovalStatus"] == "Rejected":
        flags = recipe_flags(aws, recipe, arguments.stack)
        raise DeploymentError(
            f"the previous release serves {package}, which is Rejected. To return to it anyway, "
            f"approve it first: python -m scripts.approve {flags} --package {package}"
        )


def _say_how_to_reject(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, left: str, package: str
) -> None:
    """Say how to keep `deploy` from releasing the package that was left again, if it is known."""
    if left in ("", package):
        return
    flags = recipe_flags(aws, recipe, arguments.stack)
    say(
        "Without --package, deploy releases the newest approved package. If that is the one that "
        f"you left, reject it: python -m scripts.approve {flags} --reject --package {left}"
    )


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
