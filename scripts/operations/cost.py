"""Show what runs in an environment and what it costs, or what a deleted environment left behind.

    python -m scripts cost
    python -m scripts cost --stack staging --json

Prices are in dollars, as in status, where a source for them is known. An unknown price is shown as
such, and is not part of the sum.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from newsgroup_classifier.errors import counted
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account import command
from scripts.account.aws import Aws, Call, connect
from scripts.account.command import Result, say
from scripts.account.log_groups import ENDPOINTS, arn_of, endpoint_groups
from scripts.account.naming import name_in_stack
from scripts.account.ownership import fault_of, sagemaker_tags
from scripts.account.registry import group_packages
from scripts.account.stacks import stack_bucket
from scripts.operations.environments import environments, stacks_of
from scripts.operations.status import HOURS_PER_MONTH, deployments

_WATCHED = {"AWS::CloudWatch::Alarm": "alarm", "AWS::CloudWatch::Dashboard": "dashboard"}
_UNKNOWN = "unknown"
Item = dict[str, Any]
_KINDS = {  # of resources of SageMaker, and the keys of their lists
    "endpoint": "Endpoints",
    "endpoint-config": "EndpointConfigs",
    "model": "Models",
    "model-package-group": "ModelPackageGroupSummaryList",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the JSON object only, no table")
    command.add_common_arguments(parser, dry_run=False)


def run(arguments: argparse.Namespace) -> Result:
    """Return what an environment has and costs, and print a table of it."""
    aws, stack = connect(arguments), arguments.stack
    existing = environments(aws)
    exists = stack in existing
    items = [*_deployed(aws, stack), *_jobs(aws, stack), *_watches(aws, stack)]
    items += [_bucket(aws, stack)] if exists else []
    left = [] if exists else leftovers(aws, stack)
    known = [each["dollars_per_hour"] for each in items if each["dollars_per_hour"] is not None]
    hourly = round(sum(known), 4) if known or not items else None
    if not arguments.json:
        _show(stack, items, hourly, exists)
        for each in left:
            say(f"Left behind: {each['arn']}. Remove it with: {each['remove_with']}")
        if not (exists or left):
            others = ", ".join(existing) or "none"
            say(f"Environment {stack} does not exist (found: {others}), and nothing of it is left.")
    return {
        "stack": stack,
        "exists": exists,
        "items": items,
        "dollars_per_hour": hourly,
        "dollars_per_month": None if hourly is None else round(hourly * HOURS_PER_MONTH, 2),
        "leftovers": left,
    }


def _item(
    kind: str, name: str, quantity: str, price: float | None = None, source: str = _UNKNOWN
) -> Item:
    month = None if price is None else round(price * HOURS_PER_MONTH, 2)
    return {
        "kind": kind,
        "name": name,
        "quantity": quantity,
        "dollars_per_hour": price,
        "dollars_per_month": month,
        "price_source": source,
    }


def _deployed(aws: Aws, stack: str) -> list[Item]:
    return [
        _item(
            each["kind"],
            each["name"],
            f"{each['instance_count']} x {each['instance_type']}"
            if each["kind"] == "endpoint"
            else "",
            each["dollars_per_hour"],
            each["price_source"],
        )
        for each in deployments(aws, stack)
    ]


def _jobs(aws: Aws, stack: str) -> list[Item]:
    """Return the running jobs, whose prices are not those of endpoints."""
    items = []
    for word in ("training", "transform", "processing"):
        kind, key = f"{word}_job", f"{word.capitalize()}Job"
        query = {"StatusEquals": "InProgress"}
        jobs = aws.pages("sagemaker", f"list_{kind}s", f"{key}Summaries", **query)
        for summary in owned(aws, jobs, f"{key}Arn", stack):
            name = summary[f"{key}Name"]
            job = aws.make(Call("sagemaker", f"describe_{kind}", {f"{key}Name": name}))
            resources = job.get("ResourceConfig") or job.get("TransformResources")
            resources = resources or job["ProcessingResources"]["ClusterConfig"]
            quantity = f"{resources['InstanceCount']} x {resources['InstanceType']}"
            items.append(_item(kind.replace("_", " "), name, quantity))
    return items


def _watches(aws: Aws, stack: str) -> list[Item]:
    items = []
    for each in stacks_of(aws, stack):
        query = {"StackName": each["StackName"]}
        resources = aws.make(Call("cloudformation", "describe_stack_resources", query))
        items += [
            _item(_WATCHED[one["ResourceType"]], one["PhysicalResourceId"], "1")
            for one in resources["StackResources"]
            if one["ResourceType"] in _WATCHED and one.get("PhysicalResourceId")
        ]
    return items


def _bucket(aws: Aws, stack: str) -> Item:
    name = stack_bucket(aws, stack)
    versions = aws.pages("s3", "list_object_versions", "Versions", Bucket=name)
    size = sum(each["Size"] for each in versions)
    return _item("bucket", name, f"{size / 1e6:.1f} MB")


def _show(stack: str, items: list[Item], hourly: float | None, exists: bool) -> None:
    if items:
        rows = [("kind", "name", "quantity", "dollars per hour", "source")]
        for each in items:
            price = each["dollars_per_hour"]
            shown = _UNKNOWN if price is None else f"{price:.4f}"
            source = "" if each["price_source"] == _UNKNOWN else each["price_source"]
            rows.append((each["kind"], each["name"], each["quantity"], shown, source))
        say(command.table(rows))
    if exists:
        unknown = sum(each["dollars_per_hour"] is None for each in items)
        also = f", and {counted(unknown, 'item')} whose price is not known here" if unknown else ""
        if hourly is None:
            say("None of these prices is known here.")
        else:
            monthly = hourly * HOURS_PER_MONTH
            say(f"Known: {hourly:.4f} dollars per hour, {monthly:.2f} per month{also}.")


def leftovers(aws: Aws, environment: str) -> list[dict[str, str]]:
    """Return the ARN of each leftover, with the command that removes it."""
    flags = f"--region {aws.region}"
    resources = [
        {
            "arn": stack["StackId"],
            "remove_with": f"aws cloudformation delete-stack {flags} --stack-name "
            f"{stack['StackName']}",
        }
        for stack in stacks_of(aws, environment)
    ]
    for kind, key in _KINDS.items():
        prefix = kind.title().replace("-", "")
        items = aws.pages("sagemaker", f"list_{kind.replace('-', '_')}s", key)
        for item in owned(aws, items, f"{prefix}Arn", environment):
            name = item[f"{prefix}Name"]
            packages = group_packages(aws, name) if kind == "model-package-group" else []
            for arn in (package["ModelPackageArn"] for package in packages):  # before their group
                command = f"aws sagemaker delete-model-package {flags} --model-package-name {arn}"
                resources.append({"arn": arn, "remove_with": command})
            command = f"aws sagemaker delete-{kind} {flags} --{kind}-name {name}"
            resources.append({"arn": item[f"{prefix}Arn"], "remove_with": command})
    return [*resources, *_logs(aws, environment, flags)]


def _logs(aws: Aws, environment: str, flags: str) -> Iterator[dict[str, str]]:
    """Yield the logs of endpoints with the tags of an environment, or with its names."""
    names = tuple(f"{ENDPOINTS}{name_in_stack(environment, name)}-" for name in RECIPES)
    for group, tags in endpoint_groups(aws):
        name = group["logGroupName"]  # SageMaker creates that of a trial, without tags
        if not fault_of(tags, environment) or (not tags and name.startswith(names)):
            command = f"aws logs delete-log-group {flags} --log-group-name {name}"
            yield {"arn": arn_of(group), "remove_with": command}


def owned(
    aws: Aws, items: Iterable[dict[str, Any]], arn: str, environment: str
) -> Iterator[dict[str, Any]]:
    """Yield those SageMaker resources that have the tags of an environment."""
    for item in items:
        tags = sagemaker_tags(aws, item[arn])
        if tags is not None and not fault_of(tags, environment):
            yield item


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
