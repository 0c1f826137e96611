"""Watch an endpoint: alarms on errors and latency, and a dashboard, as a CloudFormation stack.

    python -m scripts watch --recipe newsgroups-naive-bayes --email night@example.com

The alarms are the default ones of guarded releases: `deploy --canary`, `--linear`, and `--bake`.
Those of a function are in its own stack. `delete` deletes the stack with the recipe.
"""

import argparse
import sys

from scripts.account import command
from scripts.account.aws import Call, confirm, connect, dry_run
from scripts.account.command import Result, whole_number
from scripts.account.lock import ROOT
from scripts.account.naming import ENDPOINTS, new_stamp, recipe_tags, watch_stack_name
from scripts.account.selection import selected_recipe
from scripts.account.stacks import find_stack, merged_tags, parameters_of
from scripts.endpoints.flags import add_deployed_arguments
from scripts.endpoints.live import own_endpoint
from scripts.functions.release import check_function_stack, is_updatable
from scripts.releases.alarms import announce_mail, email_address, watch_alarms
from scripts.releases.stack_changes import create, update

TEMPLATE = ROOT / "infra" / "watch.yaml"
_OF_FUNCTION = "its stack already has alarms, and deploy --target lambda --email sends them"
_LATENCY = "2000000"  # microseconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    add_deployed_arguments(parser, ENDPOINTS, "what to watch")
    parser.add_argument(
        "--email",
        type=email_address,
        help="address that gets an e-mail when an alarm goes off (default: unchanged)",
    )
    parser.add_argument(
        "--latency",
        type=whole_number(1, 60_000),  # an endpoint must answer within 60 seconds
        metavar="MILLISECONDS",
        help="time within which 99%% of requests must be answered (default: unchanged, or 2000)",
    )
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Create or update the stack, and return its name and the names of its alarms."""
    recipe = selected_recipe(arguments)
    aws = connect(arguments)
    name, endpoint = own_endpoint(aws, recipe, arguments, "watch", _OF_FUNCTION)
    stack = watch_stack_name(name)
    existing = find_stack(aws, stack)
    if existing is not None:
        check_function_stack(existing, arguments.stack)
    is_update = existing is not None and is_updatable(aws, existing, recipe, arguments.stack)
    before = {"LatencyMicroseconds": _LATENCY, "Email": ""} | parameters_of(existing)
    latency, email = arguments.latency, arguments.email
    values = {
        "EndpointName": name,
        "VariantName": endpoint["ProductionVariants"][0]["VariantName"],
        "LatencyMicroseconds": str(1000 * latency) if latency else before["LatencyMicroseconds"],
        "Email": before["Email"] if email is None else email,
    }
    parameters = {
        "StackName": stack,
        "TemplateBody": TEMPLATE.read_text(encoding="utf-8"),
        "Parameters": [{"ParameterKey": key, "ParameterValue": values[key]} for key in values],
        "Tags": merged_tags(existing, recipe_tags(arguments.stack, recipe)),
    }
    call = Call("cloudformation", "update_stack" if is_update else "create_stack", parameters)
    if arguments.dry_run:
        return dry_run([call])
    confirm(aws, arguments.yes, f"This deploys the stack {stack} (alarms, a dashboard)")
    if is_update:
        update(aws, call, new_stamp())
    else:
        create(aws, call, existing)
    announce_mail(aws, email, before["Email"])
    return {"stack_name": stack, "endpoint_name": name, "alarms": watch_alarms(aws, name)}


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
