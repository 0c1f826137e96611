"""Plan the calls of delete that remove a recipe's releases, registered models, and objects."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from newsgroup_classifier.errors import DeploymentError, counted
from newsgroup_classifier.own_code import OWN_MODEL
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.log_groups import ENDPOINTS, endpoint_groups, removal_call
from scripts.account.naming import (
    channel_prefix,
    is_key_of_another_stack,
    is_release_of,
    is_tuning_of,
    lambda_api_prefix,
    lambda_code_prefix,
    lambda_models_prefix,
    models_prefix,
    name_in_stack,
)
from scripts.account.ownership import Tags, fault_of, is_own, sagemaker_tags
from scripts.account.registry import find_group, group_packages, model_groups
from scripts.account.stacks import account_flags, list_stacks, owner_flags, tags_of
from scripts.endpoints.live import config_tags, list_endpoints

_MAX_OBJECTS = 1000  # per call of S3


def release_calls(aws: Aws, stack: str, recipe: Recipe) -> list[Call]:
    """Return calls that delete endpoints of any name, with their configs, models, and logs."""
    scope, calls, in_use = name_in_stack(stack, recipe.scope), [], set()
    for endpoint in list_endpoints(aws):
        name, config = endpoint["EndpointName"], endpoint["EndpointConfigName"]
        if not is_release_of(scope, config):
            continue
        if is_own(aws, f"endpoint {name}", endpoint["EndpointArn"], stack):
            calls.append(Call("sagemaker", "delete_endpoint", {"EndpointName": name}))
            calls.append(removal_call(name))
        else:
            in_use.add(config)  # the endpoint stays, and needs it, as well as its model
    for group, tags in endpoint_groups(aws, f"{scope}-"):  # also of trials and releases that failed
        call = removal_call(group["logGroupName"].removeprefix(ENDPOINTS))
        if call not in calls and not fault_of(tags, stack, recipe):
            calls.append(call)
    for kind, items, prefix in (
        ("endpoint_config", "EndpointConfigs", "EndpointConfig"),
        ("model", "Models", "Model"),
    ):
        for item in aws.pages("sagemaker", f"list_{kind}s", items, NameContains=scope):
            name, arn = item[f"{prefix}Name"], item[f"{prefix}Arn"]
            if not is_release_of(scope, name) or name in in_use:
                continue
            if is_own(aws, f"{kind.replace('_', ' ')} {name}", arn, stack):
                calls.append(Call("sagemaker", f"delete_{kind}", {f"{prefix}Name": name}))
    return calls


def check_foundation_unused(aws: Aws, stack: str, recipe: Recipe) -> None:
    """Print how to delete deployments of other recipes or data, and raise DeploymentError."""
    scope = name_in_stack(stack, recipe.scope)
    deployed = {f"stack {name}": tags for name, tags in other_functions(aws, stack, recipe)}
    for endpoint in list_endpoints(aws):
        tags = sagemaker_tags(aws, endpoint["EndpointArn"])
        own = is_release_of(scope, endpoint["EndpointConfigName"])
        if tags is not None and not own and not fault_of(tags, stack):
            current = config_tags(aws, endpoint)
            names = current if "recipe" in current else tags
            deployed[f"endpoint {endpoint['EndpointName']}"] = names
    if deployed:
        flags = dict.fromkeys(owner_flags(aws, tags, stack) for tags in deployed.values())
        commands = (f"python -m scripts.delete {each}" for each in flags)
        say("\n  ".join(["Other deployments need the foundation. Delete them first:", *commands]))
        raise DeploymentError(
            f"nothing was deleted, because others need the foundation: {', '.join(deployed)}. "
            "Delete them with the commands above"
        )


def package_calls(aws: Aws, stack: str, recipe: Recipe, *, others: bool) -> list[Call]:
    """Return calls that delete the models and group of a recipe, or of all with `others`."""
    arn, own = find_group(aws, stack, recipe), name_in_stack(stack, recipe.scope)
    names = [own] if arn and is_own(aws, f"model package group {own}", arn, stack) else []
    names += [name for name in model_groups(aws, stack) if name != own] if others else []
    deleted = []  # a group after its packages
    for name in names:
        arns = (package["ModelPackageArn"] for package in group_packages(aws, name))
        deleted += [("delete_model_package", {"ModelPackageName": arn}) for arn in arns]
        deleted.append(("delete_model_package_group", {"ModelPackageGroupName": name}))
    return [Call("sagemaker", operation, parameters) for operation, parameters in deleted]


def channel_prefixes(aws: Aws, stack: str, recipe: Recipe) -> list[str]:
    """Return the prefix of a recipe's channels, none if models of other recipes are of its data."""
    if recipe.name == OWN_MODEL:  # has no channels; those of its name are of other recipes
        return []
    prefix = channel_prefix(name_in_stack(stack, recipe.data_scope))
    for tags in model_groups(aws, stack).values():
        name, data = tags.get("recipe", ""), tags.get("data", "")
        if name in (recipe.name, OWN_MODEL) or data != recipe.data_name:
            continue
        if data or (name in RECIPES and RECIPES[name].dataset == recipe.dataset):
            command = f"python -m scripts.delete {owner_flags(aws, tags, stack)} --packages"
            say(f"Kept {prefix}: {name} is trained on it, too. Delete its models with: {command}")
            return []
    return [prefix]


def tuning_calls(aws: Aws, stack: str, recipe: Recipe, *, others: bool) -> list[Call]:
    """Return calls that delete the ended tuning jobs of a recipe, or of all with `others`."""
    scope, key = name_in_stack(stack, recipe.scope), "HyperParameterTuningJob"

    def is_deleted(name: str, arn: str) -> bool:
        if is_tuning_of(scope, name):
            return is_own(aws, f"tuning job {name}", arn, stack, None if others else recipe)
        return others and not fault_of(sagemaker_tags(aws, arn) or {}, stack)

    jobs: Iterator[dict[str, Any]] = aws.pages(
        "sagemaker", "list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries"
    )
    return [
        Call("sagemaker", "delete_hyper_parameter_tuning_job", {f"{key}Name": job[f"{key}Name"]})
        for job in jobs
        if job["HyperParameterTuningJobStatus"] in ("Completed", "Failed", "Stopped")
        and is_deleted(job[f"{key}Name"], job[f"{key}Arn"])
    ]


def archive_calls(
    aws: Aws, bucket: str, scope: str, models: Collection[str], *, orphans: bool
) -> list[Call]:
    """Return calls that delete the archives of models; of those that do not exist if `orphans`."""
    if not orphans:
        return object_calls(aws, bucket, [models_prefix(scope, name) for name in models])
    existing = {
        model["ModelName"]
        for model in aws.pages("sagemaker", "list_models", "Models", NameContains=scope)
    }
    exempt = tuple(models_prefix(scope, name) for name in existing.difference(models))
    return object_calls(aws, bucket, [models_prefix(scope)], exempt)


def object_calls(
    aws: Aws, bucket: str, prefixes: Iterable[str], exempt: tuple[str, ...] = ()
) -> list[Call]:
    """Return calls that delete every version of objects that are not under `exempt` prefixes."""
    objects = [
        item
        for prefix in prefixes
        for item in _versions(aws, bucket, prefix)
        if not item["Key"].startswith(exempt)
    ]
    starts = range(0, len(objects), _MAX_OBJECTS)
    parts = [{"Objects": objects[start : start + _MAX_OBJECTS]} for start in starts]
    return [Call("s3", "delete_objects", {"Bucket": bucket, "Delete": part}) for part in parts]


def check_objects(aws: Aws, calls: list[Call], stack: str) -> None:
    """Raise DeploymentError if calls that empty the bucket of a stack delete those of another."""
    keys = [item["Key"] for call in calls for item in call.parameters["Delete"]["Objects"]]
    foreign = [key for key in keys if is_key_of_another_stack(stack, key)]
    if foreign:
        bucket = calls[0].parameters["Bucket"]
        raise DeploymentError(
            "nothing was deleted, because another stack keeps "
            f"{counted(len(foreign), 'object')} in the bucket of {stack}, such as "
            f"s3://{bucket}/{foreign[0]}. First run this for each recipe: "
            f"python -m scripts.delete --data{account_flags(aws, 'NAME')}"
        )


def _versions(aws: Aws, bucket: str, prefix: str) -> list[dict[str, str]]:
    """Return every version and delete marker under a prefix, or none without the bucket."""
    client = aws.client("s3")
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    try:
        return [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for page in pages
            for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
    except client.exceptions.NoSuchBucket:
        return []


def recipe_stacks(aws: Aws, foundation: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the stacks of a recipe: of its function, and of its endpoints' APIs and alarms."""
    stacks = list_stacks(aws)
    return [stack for stack in stacks if not fault_of(tags_of(stack), foundation, recipe)]


def object_prefixes(aws: Aws, foundation: str, recipe: Recipe) -> list[str]:
    """Return the prefixes of a recipe's objects, and of shared ones if no recipe needs them."""
    prefixes = [lambda_models_prefix(name_in_stack(foundation, recipe.scope))]
    if not any(other_functions(aws, foundation, recipe)):
        prefixes += [lambda_code_prefix(foundation), lambda_api_prefix(foundation)]
    return prefixes


def other_functions(aws: Aws, foundation: str, recipe: Recipe) -> Iterator[tuple[str, Tags]]:
    """Yield the name and tags of the functions' stacks of other recipes and data of a stack."""
    for stack in list_stacks(aws):
        tags = tags_of(stack)
        others = "recipe" in tags and fault_of(tags, foundation, recipe)
        if others and not fault_of(tags, foundation):
            yield stack["StackName"], tags
