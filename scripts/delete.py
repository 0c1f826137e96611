"""Delete what the commands created for a recipe: its endpoints, function, APIs, and their models.

    python -m scripts.delete --recipe newsgroups-naive-bayes

Pass --packages, --data, or --foundation to delete more. Training jobs stay in the
history of SageMaker at no charge; setup --log-days limits how long their logs are kept.
"""

import argparse
import sys
from collections import Counter
from functools import partial

from newsgroup_classifier.errors import DeploymentError, counted
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, confirm, connect, dry_run
from scripts.account.command import Result, default_stack, say
from scripts.account.naming import (
    OWN_DATA,
    checkpoints_prefix,
    jobs_folder,
    jobs_prefix,
    name_in_stack,
    transform_prefix,
)
from scripts.account.registry import model_groups
from scripts.account.selection import selected_recipe
from scripts.account.stacks import (
    bucket_if_any,
    check_foundation,
    find_stack,
    parameters_of,
    remove_stack,
    stack_bucket,
)
from scripts.endpoints.live import wait_until_gone
from scripts.endpoints.removal import (
    archive_calls,
    channel_prefixes,
    check_foundation_unused,
    check_objects,
    object_calls,
    object_prefixes,
    package_calls,
    recipe_stacks,
    release_calls,
    tuning_calls,
)
from scripts.functions.versions import announce_release
from scripts.operations.environments import check_environment, check_unprotected, environments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument("--packages", action="store_true", help="also delete registered models")
    parser.add_argument(
        "--data",
        action="store_true",
        help="also delete channels that no other recipe is trained on, job output, checkpoints, "
        "transforms, ended tuning jobs, and archives that no model loads",
    )
    parser.add_argument(
        "--foundation",
        action="store_true",
        help="also delete the registered models and ended tuning jobs of all recipes, the content "
        "of the bucket, and the stack",
    )
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Delete, and return the number of deleted items by kind."""
    recipe = selected_recipe(arguments)
    aws = connect(arguments)
    if arguments.foundation:
        check_foundation_unused(aws, arguments.stack, recipe)
    calls = _function_calls(aws, arguments, recipe)
    calls += release_calls(aws, arguments.stack, recipe)
    if not arguments.foundation:  # which empties the whole bucket
        calls += _archive_calls(aws, arguments, recipe, calls)
    if arguments.data or arguments.foundation:
        calls += tuning_calls(aws, arguments.stack, recipe, others=arguments.foundation)
    if arguments.data and not arguments.foundation:
        calls += _data_calls(aws, arguments.stack, recipe)
    # Without its group, the name of a user's recipe is unknown, and the rest could not be deleted.
    if arguments.packages or arguments.foundation:
        calls += package_calls(aws, arguments.stack, recipe, others=arguments.foundation)
    if arguments.foundation:
        calls += _foundation_calls(aws, arguments.stack)
    stacks = (call.parameters["StackName"] for call in calls if call.operation == "delete_stack")
    check_unprotected(aws, arguments.stack, stacks)
    if not calls:
        _explain_nothing(aws, arguments.stack, recipe)
    if arguments.dry_run:
        return dry_run(calls)
    counts = _counts(calls)
    listing = _listing(counts, calls)
    confirm(aws, arguments.yes, f"This deletes: {listing}")
    for call in calls:
        _delete(aws, call)
    say(f"Deleted: {listing}.")
    return {"deleted": dict(counts)}


def _explain_nothing(aws: Aws, stack: str, recipe: Recipe) -> None:
    """Raise an error for an environment that does not exist; without --stack, only say so.

    Of own data, print the names that have models of the recipe.
    """
    if stack != default_stack():  # its name may be a typing error
        check_environment(aws, stack)
    elif stack not in environments(aws):
        say(f"There is no environment {stack!r} in region {aws.region}.")
    tags = model_groups(aws, stack).values() if recipe.data_name else ()
    names = [each.get("data", "") for each in tags if each.get("recipe") == recipe.name]
    if recipe.data_name and recipe.data_name not in names:
        others = ", ".join(names) or "none"
        say(f"No model of {recipe.name} has the name {recipe.data_name!r}; found: {others}.")


def _function_calls(aws: Aws, arguments: argparse.Namespace, recipe: Recipe) -> list[Call]:
    stacks = recipe_stacks(aws, arguments.stack, recipe)
    names = [{"StackName": stack["StackName"]} for stack in stacks]
    calls = [Call("cloudformation", "delete_stack", name) for name in names]
    buckets = list(filter(None, (parameters_of(stack).get("CodeBucket") for stack in stacks)))
    if buckets and not arguments.foundation:  # which empties the whole bucket
        prefixes = object_prefixes(aws, arguments.stack, recipe)
        calls += object_calls(aws, buckets[0], prefixes)
    return calls


def _archive_calls(
    aws: Aws, arguments: argparse.Namespace, recipe: Recipe, calls: list[Call]
) -> list[Call]:
    models = {call.parameters["ModelName"] for call in calls if call.operation == "delete_model"}
    bucket = bucket_if_any(aws, arguments.stack) if models or arguments.data else None
    if bucket is None:
        return []
    scope = name_in_stack(arguments.stack, recipe.scope)
    return archive_calls(aws, bucket, scope, models, orphans=arguments.data)


def _foundation_calls(aws: Aws, stack: str) -> list[Call]:
    """Return calls that delete the stack and empty its bucket, even if the environment has one."""
    description = find_stack(aws, stack)
    if description is None:
        say(f"There is no stack {stack!r} in region {aws.region}.")
        return []
    check_foundation(description)
    calls = object_calls(aws, stack_bucket(aws, stack), [""])
    check_objects(aws, calls, stack)
    return [*calls, Call("cloudformation", "delete_stack", {"StackName": stack})]


def _data_calls(aws: Aws, stack: str, recipe: Recipe) -> list[Call]:
    bucket = bucket_if_any(aws, stack)
    if bucket is None:
        say(f"There is no stack {stack!r} in region {aws.region}, so there is no data.")
        return []
    folder = jobs_folder(stack, recipe)
    folders = [jobs_prefix(folder), checkpoints_prefix(folder)]
    # The folder of a recipe also has those of own data.
    exempt = () if recipe.data_name else tuple(f"{prefix}{OWN_DATA}" for prefix in folders)
    transforms = transform_prefix(name_in_stack(stack, recipe.scope))
    prefixes = [*channel_prefixes(aws, stack, recipe), *folders, transforms]
    return object_calls(aws, bucket, prefixes, exempt)


def _listing(counts: Counter[str], calls: list[Call]) -> str:
    nouns = {"hyper_parameter_tuning_job": "tuning job"}
    words = [
        counted(count, nouns.get(kind, kind.replace("_", " "))) for kind, count in counts.items()
    ]
    named = []
    for noun, key in (("models", "ModelPackageGroupName"), ("bucket", "Bucket")):
        names = dict.fromkeys(call.parameters[key] for call in calls if key in call.parameters)
        named += [f"{noun} {', '.join(names)}"] if names else []
    return (", ".join(words) or "nothing") + (f" ({'; '.join(named)})" if named else "")


def _counts(calls: list[Call]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for call in calls:
        if call.operation == "delete_objects":
            counts["object"] += len(call.parameters["Delete"]["Objects"])
        else:
            counts[call.operation.removeprefix("delete_")] += 1
    return counts


def _delete(aws: Aws, call: Call) -> None:
    if call.operation == "delete_objects":
        for error in aws.make(call).get("Errors", []):
            raise DeploymentError(f"{error['Key']} could not be deleted: {error['Message']}")
    elif call.operation == "delete_stack":
        name = call.parameters["StackName"]
        remove_stack(aws, name, partial(announce_release, aws, name))
    else:
        aws.remove(call)
    if call.operation == "delete_endpoint":
        wait_until_gone(aws, call.parameters["EndpointName"])


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
