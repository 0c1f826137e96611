"""What delete plans: the calls that take away a recipe's release, registered models and objects."""

from collections.abc import Iterator

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call
from scripts.account.naming import is_release_of, is_tuning_of
from scripts.account.registry import has_group, list_packages
from scripts.endpoints.release import describe_endpoint
from scripts.functions.removal import function_stack

_MOST_OBJECTS = 1000  # that S3 deletes in one call


def release_calls(aws: Aws, recipe: str) -> list[Call]:
    """Return calls that delete endpoints, whatever their names, with configs and models."""
    calls = [
        Call("sagemaker", "delete_endpoint", {"EndpointName": name})
        for name, config in _endpoints(aws)
        if is_release_of(recipe, config)
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


def _endpoints(aws: Aws) -> Iterator[tuple[str, str]]:
    """Yield the name and the config of each endpoint of the region."""
    for endpoint in aws.pages("sagemaker", "list_endpoints", "Endpoints"):
        found = describe_endpoint(aws, endpoint["EndpointName"])
        if found is not None:
            yield endpoint["EndpointName"], found["EndpointConfigName"]


def check_nothing_else_stands(aws: Aws, foundation: str, recipe: Recipe) -> None:
    """Raise DeploymentError if other recipes have something deployed that needs the foundation."""
    endpoints = list(_endpoints(aws))
    left = {}
    for other in (one for one in RECIPES.values() if one is not recipe):
        stack = function_stack(aws, foundation, other)
        found = [
            f"endpoint {name}" for name, config in endpoints if is_release_of(other.name, config)
        ]
        found += [f"stack {stack.name}"] if stack else []
        if found:
            left[other.name] = found
    if not left:
        return
    things = ", ".join(thing for found in left.values() for thing in found)
    mend = "; ".join(f"python -m scripts.delete --recipe {name}" for name in left)
    raise DeploymentError(
        f"the foundation stays, and nothing was deleted: other recipes have deployed {things}. "
        f"Delete them first with: {mend}"
    )


def package_calls(aws: Aws, recipe: str) -> list[Call]:
    """Return calls that delete the registered models of a recipe, and their group."""
    calls = [
        Call("sagemaker", "delete_model_package", {"ModelPackageName": package["ModelPackageArn"]})
        for package in list_packages(aws, recipe)
    ]
    if has_group(aws, recipe):
        parameters = {"ModelPackageGroupName": recipe}
        calls.append(Call("sagemaker", "delete_model_package_group", parameters))
    return calls


def tuning_calls(aws: Aws, recipe: str) -> list[Call]:
    """Return calls that delete the ended tuning jobs of a recipe; their training jobs stay."""
    found = aws.pages(
        "sagemaker", "list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries"
    )
    ends = ("Completed", "Failed", "Stopped")
    names = [
        job["HyperParameterTuningJobName"]
        for job in found
        if job["HyperParameterTuningJobStatus"] in ends
    ]
    return [
        Call(
            "sagemaker",
            "delete_hyper_parameter_tuning_job",
            {"HyperParameterTuningJobName": name},
        )
        for name in names
        if is_tuning_of(recipe, name)
    ]


def object_calls(aws: Aws, bucket: str, prefixes: list[str]) -> list[Call]:
    """Return calls that delete every version of every object, a thousand at a time."""
    found = [item for prefix in prefixes for item in _versions(aws, bucket, prefix)]
    return [
        Call(
            "s3",
            "delete_objects",
            {"Bucket": bucket, "Delete": {"Objects": found[start : start + _MOST_OBJECTS]}},
        )
        for start in range(0, len(found), _MOST_OBJECTS)
    ]


def _versions(aws: Aws, bucket: str, prefix: str) -> list[dict[str, str]]:
    """Return every version and delete marker below a prefix; no bucket holds none."""
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
