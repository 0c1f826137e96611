"""Delete what the scripts made for a recipe: its endpoint, its function and API, their models.

    python -m scripts.delete --recipe newsgroups-naive-bayes

More goes with --packages (registered models), --data (channels and job output) and --foundation
(everything in the bucket, and the stack).
"""

import argparse
import sys
from collections import Counter

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes import find_recipe
from scripts import command
from scripts.aws import Aws, Call, confirm, connect, dry_run
from scripts.command import Result, say
from scripts.endpoint_release import describe_endpoint, wait_until_gone
from scripts.lambda_removal import function_stack, object_prefixes
from scripts.naming import channel_prefix, is_release_of, jobs_prefix
from scripts.packages import list_packages
from scripts.stacks import find_stack, foundation, stack_foundation

_MOST_OBJECTS = 1000  # that S3 deletes in one call


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument("--packages", action="store_true", help="registered models too")
    parser.add_argument("--data", action="store_true", help="channels and job output in S3 too")
    parser.add_argument(
        "--foundation", action="store_true", help="registered models, bucket content and stack too"
    )
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Delete, and return how much of each kind was deleted."""
    recipe = find_recipe(arguments.recipe)
    aws = connect(arguments)
    calls = _release_calls(aws, recipe.name)
    bucket = ""
    stack = function_stack(aws, arguments.stack, recipe)
    if stack is not None:
        calls.append(Call("cloudformation", "delete_stack", {"StackName": stack.name}))
        if not arguments.foundation:
            prefixes = object_prefixes(aws, arguments.stack, recipe)
            bucket = stack.bucket
            calls += _object_calls(aws, stack.bucket, prefixes)
    if arguments.packages or arguments.foundation:
        calls += _package_calls(aws, recipe.name)
    if arguments.foundation:
        # The stack's own bucket, whatever bucket the environment names: the stack goes with it.
        bucket = stack_foundation(aws, arguments.stack).bucket
        calls += _object_calls(aws, bucket, [""])
        calls.append(Call("cloudformation", "delete_stack", {"StackName": arguments.stack}))
    elif arguments.data:
        bucket = foundation(aws, arguments.stack).bucket
        calls += _object_calls(
            aws, bucket, [channel_prefix(recipe.dataset), jobs_prefix(recipe.name)]
        )
    if arguments.dry_run:
        return dry_run(calls)
    counts = _counts(calls)
    listing = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing"
    if "object" in counts:
        listing += f" (bucket {bucket})"
    confirm(aws, arguments.yes, f"This deletes: {listing}")
    for call in calls:
        _delete(aws, call)
    say(f"Deleted: {listing}.")
    return {"deleted": dict(counts)}


def _counts(calls: list[Call]) -> Counter[str]:
    """Return how much of each kind the calls delete."""
    counts: Counter[str] = Counter()
    for call in calls:
        if call.operation == "delete_objects":
            counts["object"] += len(call.parameters["Delete"]["Objects"])
        else:
            counts[call.operation.removeprefix("delete_")] += 1
    return counts


def _delete(aws: Aws, call: Call) -> None:
    """Make one of the calls, and wait for what goes slowly."""
    if call.operation == "delete_objects":
        errors = aws.make(call).get("Errors", [])
        if errors:
            first = errors[0]
            raise DeploymentError(f"{first['Key']} could not be deleted: {first['Message']}")
        return
    aws.remove(call)
    if call.operation == "delete_endpoint":
        wait_until_gone(aws, call.parameters["EndpointName"])
    if call.operation == "delete_stack":
        _wait_for_stack(aws, call.parameters["StackName"])


def _release_calls(aws: Aws, recipe: str) -> list[Call]:
    endpoints = aws.pages("sagemaker", "list_endpoints", "Endpoints")
    calls = [
        Call("sagemaker", "delete_endpoint", {"EndpointName": name})
        for name in (endpoint["EndpointName"] for endpoint in endpoints)
        if _serves(aws, recipe, name)
    ]
    configs = aws.pages(
        "sagemaker", "list_endpoint_configs", "EndpointConfigs", NameContains=recipe
    )
    calls += [
        Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": name})
        for name in (config["EndpointConfigName"] for config in configs)
        if is_release_of(recipe, name)
    ]
    models = aws.pages("sagemaker", "list_models", "Models", NameContains=recipe)
    calls += [
        Call("sagemaker", "delete_model", {"ModelName": name})
        for name in (model["ModelName"] for model in models)
        if is_release_of(recipe, name)
    ]
    return calls


def _serves(aws: Aws, recipe: str, endpoint: str) -> bool:
    """Tell whether an endpoint, whatever its name, serves a release of a recipe."""
    found = describe_endpoint(aws, endpoint)
    return found is not None and is_release_of(recipe, found["EndpointConfigName"])


def _package_calls(aws: Aws, recipe: str) -> list[Call]:
    calls = [
        Call("sagemaker", "delete_model_package", {"ModelPackageName": package["ModelPackageArn"]})
        for package in list_packages(aws, recipe)
    ]
    groups = aws.pages(
        "sagemaker",
        "list_model_package_groups",
        "ModelPackageGroupSummaryList",
        NameContains=recipe,
    )
    if recipe in {group["ModelPackageGroupName"] for group in groups}:
        parameters = {"ModelPackageGroupName": recipe}
        calls.append(Call("sagemaker", "delete_model_package_group", parameters))
    return calls


def _object_calls(aws: Aws, bucket: str, prefixes: list[str]) -> list[Call]:
    """Return calls that delete every version of every object, a thousand at a time."""
    found = [
        {"Key": item["Key"], "VersionId": item["VersionId"]}
        for prefix in prefixes
        for page in aws.client("s3")
        .get_paginator("list_object_versions")
        .paginate(Bucket=bucket, Prefix=prefix)
        for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    ]
    return [
        Call(
            "s3",
            "delete_objects",
            {"Bucket": bucket, "Delete": {"Objects": found[start : start + _MOST_OBJECTS]}},
        )
        for start in range(0, len(found), _MOST_OBJECTS)
    ]


def _wait_for_stack(aws: Aws, stack: str) -> None:
    while (found := find_stack(aws, stack)) is not None:
        status = found["StackStatus"]
        if status == "DELETE_COMPLETE":
            return
        if status.endswith("FAILED"):
            raise DeploymentError(
                f"the stack {stack} could not be deleted: {found.get('StackStatusReason')}"
            )
        aws.pause()


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
