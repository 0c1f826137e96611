"""Plan the calls of delete that remove a recipe's release, registered models, and objects."""

from collections.abc import Iterator
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call
from scripts.account.naming import is_release_of, is_tuning_of
from scripts.account.registry import has_group, list_packages
from scripts.endpoints.release import describe_endpoint
from scripts.functions.removal import function_stack

_MAX_OBJECTS = 1000  # per call of S3


def release_calls(aws: Aws, recipe: str) -> list[Call]:
    """Return calls that delete endpoints of any name, with their configs and models."""
    calls = [
        Call("sagemaker", "delete_endpoint", {"EndpointName": name})
        for name, config in _endpoints(aws)
        if is_release_of(recipe, config)
    ]
    for kind, items, key in (
        ("endpoint_config", "EndpointConfigs", "EndpointConfigName"),
        ("model", "Models", "ModelName"),
    ):
        calls += [
            Call("sagemaker", f"delete_{kind}", {key: item[key]})
            for item in aws.pages("sagemaker", f"list_{kind}s", items, NameContains=recipe)
            if is_release_of(recipe, item[key])
        ]
    return calls


def _endpoints(aws: Aws) -> Iterator[tuple[str, str]]:
    """Yield the name and the config of each endpoint in the region."""
    for item in aws.pages("sagemaker", "list_endpoints", "Endpoints"):
        endpoint = describe_endpoint(aws, item["EndpointName"])
        if endpoint is not None:
            yield endpoint["EndpointName"], endpoint["EndpointConfigName"]


def check_foundation_unused(aws: Aws, foundation: str, recipe: Recipe) -> None:
    """Raise DeploymentError if deployments of other recipes need the foundation."""
    endpoints = list(_endpoints(aws))
    deployed: dict[str, list[str]] = {}
    for other in (one for one in RECIPES.values() if one is not recipe):
        names = [
            f"endpoint {name}" for name, config in endpoints if is_release_of(other.name, config)
        ]
        stack = function_stack(aws, foundation, other)
        names += [f"stack {stack.name}"] if stack else []
        if names:
            deployed[other.name] = names
    if deployed:
        names = [name for names in deployed.values() for name in names]
        commands = "; ".join(f"python -m scripts.delete --recipe {name}" for name in deployed)
        raise DeploymentError(
            f"nothing was deleted, because deployments of other recipes need the foundation: "
            f"{', '.join(names)}. Delete them first with: {commands}"
        )


def package_calls(aws: Aws, recipe: str) -> list[Call]:
    """Return calls that delete the registered models of a recipe and their group."""
    calls = [
        Call("sagemaker", "delete_model_package", {"ModelPackageName": package["ModelPackageArn"]})
        for package in list_packages(aws, recipe)
    ]
    if has_group(aws, recipe):
        parameters = {"ModelPackageGroupName": recipe}
        calls.append(Call("sagemaker", "delete_model_package_group", parameters))
    return calls


def tuning_calls(aws: Aws, recipe: str) -> list[Call]:
    """Return calls that delete the ended tuning jobs of a recipe, but not their training jobs."""
    key = "HyperParameterTuningJobName"
    jobs: Iterator[dict[str, Any]] = aws.pages(
        "sagemaker", "list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries"
    )
    return [
        Call("sagemaker", "delete_hyper_parameter_tuning_job", {key: job[key]})
        for job in jobs
        if job["HyperParameterTuningJobStatus"] in ("Completed", "Failed", "Stopped")
        and is_tuning_of(recipe, job[key])
    ]


def object_calls(aws: Aws, bucket: str, prefixes: list[str]) -> list[Call]:
    """Return calls that delete every version of every object, a thousand at a time."""
    objects = [item for prefix in prefixes for item in _versions(aws, bucket, prefix)]
    starts = range(0, len(objects), _MAX_OBJECTS)
    parts = [{"Objects": objects[start : start + _MAX_OBJECTS]} for start in starts]
    return [Call("s3", "delete_objects", {"Bucket": bucket, "Delete": part}) for part in parts]


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
