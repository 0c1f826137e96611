"""Create or update the foundation: the bucket and the execution roles, as a CloudFormation stack.

python -m scripts.setup
"""

import argparse
import sys
from typing import Any

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account import command
from scripts.account.aws import Call, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.lock import ROOT
from scripts.account.log_groups import SHARED, add_log_days_argument, retain, retention_call
from scripts.account.naming import OWN_ROLE, name_in_stack, new_stamp, stack_tags
from scripts.account.stacks import (
    check_foundation,
    find_stack,
    merged_tags,
    parameters_of,
    settle_stack,
    stack_foundation,
)
from scripts.operations.environments import protection_calls
from scripts.releases.stack_changes import check_rolled_back, create, is_failed_creation, update

TEMPLATE = ROOT / "infra" / "foundation.yaml"
_RECIPES = "Recipes"  # a parameter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--protect",
        action=argparse.BooleanOptionalAction,
        help="whether the stacks of the environment are protected against deletion (default: "
        "unchanged)",
    )
    add_log_days_argument(
        parser,
        "days for which the logs of all jobs are kept, including those of other projects in the "
        "account and region (default: unchanged)",
    )
    command.add_common_arguments(parser)
    command.add_yes_argument(parser)


def stack_call(stack: str, previous: dict[str, Any] | None) -> Call:
    """Return the call that creates the foundation stack, or updates the previous one."""
    own = [name_in_stack(stack, name) for name in (*RECIPES, OWN_ROLE)]
    earlier = parameters_of(previous).get(_RECIPES, "").split(",")  # also of other clones
    names = ",".join(sorted({*own, *filter(None, earlier)}))
    parameters = {
        "StackName": stack,
        "TemplateBody": TEMPLATE.read_text(encoding="utf-8"),
        "Parameters": [{"ParameterKey": _RECIPES, "ParameterValue": names}],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Tags": merged_tags(previous, stack_tags(stack)),
    }
    return Call("cloudformation", "update_stack" if previous else "create_stack", parameters)


def run(arguments: argparse.Namespace) -> Result:
    """Deploy the stack and return its name, bucket and role."""
    aws = connect(arguments)
    find = find_stack if arguments.dry_run else settle_stack
    existing = find(aws, arguments.stack)
    if existing is not None:
        check_foundation(existing)
        check_rolled_back(aws, existing)
    previous = None if existing is None or is_failed_creation(existing) else existing
    call = stack_call(arguments.stack, previous)
    retentions = [retention_call(name, arguments.log_days) for name in SHARED]
    if arguments.dry_run:
        planned = retentions if arguments.log_days else []
        return dry_run([call, *protection_calls(aws, arguments.stack, arguments.protect), *planned])
    confirm(aws, arguments.yes, f"This deploys the stack {arguments.stack} (a bucket and roles)")
    if previous:
        update(aws, call, new_stamp())
    else:
        create(aws, call, existing)
    for change in protection_calls(aws, arguments.stack, arguments.protect):
        aws.make(change)
        state = "protected" if arguments.protect else "no longer protected"
        say(f"The stack {change.parameters['StackName']} is {state} against deletion.")
    if arguments.log_days:
        for group in SHARED:
            retain(aws, group, arguments.log_days)
            say(f"Logs in {group}, also of other projects, are kept for {arguments.log_days} days.")
    base = stack_foundation(aws, arguments.stack)
    return {"stack_name": arguments.stack, "bucket": base.bucket, "role_arn": base.role_arn}


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
