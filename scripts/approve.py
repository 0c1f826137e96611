"""Approve a registered model: the newest pending model, or the one that --package names.

python -m scripts.approve --recipe newsgroups-naive-bayes
"""

import argparse
import sys

from scripts.account import command
from scripts.account.aws import connect, dry_run
from scripts.account.command import Result, say
from scripts.account.registry import approval_call, check_group, newest_package, recipe_package
from scripts.account.selection import selected_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--package", metavar="ARN", help="model package (default: the newest pending)"
    )
    parser.add_argument("--reject", action="store_true", help="reject the model instead")
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Set the status; return the package and its status."""
    recipe = selected_recipe(arguments)
    aws = connect(arguments)
    if arguments.package:
        package = recipe_package(aws, arguments.stack, recipe, arguments.package)
    else:
        package = newest_package(aws, arguments.stack, recipe, "PendingManualApproval")
    check_group(aws, arguments.stack, recipe)
    arn = package["ModelPackageArn"]
    status = "Rejected" if arguments.reject else "Approved"
    call = approval_call(package, status, aws.user_arn)
    if arguments.dry_run:
        return dry_run([call])
    aws.make(call)
    say(f"{arn} is {status}.")
    if arguments.reject:
        say("Deployments that serve it keep serving it; list them with: python -m scripts status")
    return {"model_package_arn": arn, "approval_status": status}


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
