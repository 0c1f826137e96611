"""Show what each environment serves, when it was released, and what it was made from.

    python -m scripts status
    python -m scripts status --stack staging --json

Every endpoint and function in the region is listed with its package, commit, data, training job,
metrics, alarms, instances, and, where it is known, its price per hour.
"""

import argparse
import sys

from newsgroup_classifier.datasets import GENERATED
from scripts.account import command
from scripts.account.aws import connect
from scripts.account.command import Result, default_stack, say
from scripts.operations.environments import check_environment
from scripts.operations.survey import Deployment, deployments

_DIGITS = 12  # of a commit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the JSON object only, no table")
    parser.add_argument("--region", help="AWS region (default: as for the other commands)")
    parser.add_argument("--stack", metavar="NAME", help="only this environment (default: all)")


def run(arguments: argparse.Namespace) -> Result:
    """Return the deployments, and print a table of them."""
    only, arguments.stack = arguments.stack, arguments.stack or default_stack()
    aws = connect(arguments)
    listing = deployments(aws, only)
    if only and not listing:
        check_environment(aws, only)
    if not arguments.json:
        say(_table(listing) if listing else "Nothing is deployed.")
        for each in listing:
            if "problem" in each:
                say(f"Warning: {each['name']}: {each['problem']}")
    return {"deployments": listing}


def _table(listing: list[Deployment]) -> str:
    heads = ("environment", "name", "status", "released (UTC)", "package", "commit", "accuracy")
    rows = [(*heads, "alarms")]
    for each in listing:
        package = each["model_package_arn"].partition("model-package/")[2]
        approval = each.get("approval_status", "Approved")
        package += "" if approval == "Approved" else f" ({approval})"
        accuracy = each.get("metrics", {}).get("accuracy")
        mark = f" ({GENERATED})" if each.get("generated_sample") else ""
        firing = [name for name, state in each["alarms"].items() if state == "ALARM"]
        states = set(each["alarms"].values())
        worst = "INSUFFICIENT_DATA" if "INSUFFICIENT_DATA" in states else "OK"
        moving = f", moving to {each['incoming']}" if each["incoming"] else ""
        rows.append(
            (
                each["stack"],
                each["name"],
                each["status"] + moving,
                each["released"][:16].replace("T", " ") or "unknown",
                package or "unknown",
                each.get("commit", "")[:_DIGITS] or "unknown",
                "" if accuracy is None else f"{accuracy:.4f}{mark}",
                ", ".join(firing) or (worst if states else "none"),
            )
        )
    return command.table(rows)


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
