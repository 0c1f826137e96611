"""What a deleted environment left behind, found by its tags and names, and how to remove it."""

from collections.abc import Iterable, Iterator
from typing import Any

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.log_groups import ENDPOINTS, arn_of, endpoint_groups
from scripts.account.naming import name_in_stack
from scripts.account.ownership import fault_of, sagemaker_tags
from scripts.operations.environments import stacks_of

# The operation of SageMaker, the key of its list, and the member of names and ARNs.
_KINDS = {
    "endpoint": ("list_endpoints", "Endpoints", "Endpoint"),
    "endpoint-config": ("list_endpoint_configs", "EndpointConfigs", "EndpointConfig"),
    "model": ("list_models", "Models", "Model"),
    "model-package-group": (
        "list_model_package_groups",
        "ModelPackageGroupSummaryList",
        "ModelPackageGroup",
    ),
}


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
    for kind, (operation, key, prefix) in _KINDS.items():
        for item in _owned(
            aws, aws.pages("sagemaker", operation, key), f"{prefix}Arn", environment
        ):
            name = item[f"{prefix}Name"]
            if kind == "model-package-group":  # is deleted after its packages only
                resources += _packages(aws, name, flags)
            command = f"aws sagemaker delete-{kind} {flags} --{kind}-name {name}"
            resources.append({"arn": item[f"{prefix}Arn"], "remove_with": command})
    return [*resources, *_logs(aws, environment, flags)]


def _packages(aws: Aws, group: str, flags: str) -> Iterator[dict[str, str]]:
    query = {"ModelPackageGroupName": group}
    for package in aws.pages(
        "sagemaker", "list_model_packages", "ModelPackageSummaryList", **query
    ):
        arn = package["ModelPackageArn"]
        command = f"aws sagemaker delete-model-package {flags} --model-package-name {arn}"
        yield {"arn": arn, "remove_with": command}


def _logs(aws: Aws, environment: str, flags: str) -> Iterator[dict[str, str]]:
    """Yield the logs of endpoints with the tags of an environment, or with its names."""
    names = tuple(f"{ENDPOINTS}{name_in_stack(environment, name)}-" for name in RECIPES)
    for group, tags in endpoint_groups(aws):
        name = group["logGroupName"]  # SageMaker creates that of a trial, without tags
        if not fault_of(tags, environment) or (not tags and name.startswith(names)):
            command = f"aws logs delete-log-group {flags} --log-group-name {name}"
            yield {"arn": arn_of(group), "remove_with": command}


def tagged(
    aws: Aws, items: Iterable[dict[str, Any]], name: str, arn: str, environment: str
) -> list[str]:
    """Return the names of those SageMaker resources that have the tags of an environment."""
    return [item[name] for item in _owned(aws, items, arn, environment)]


def _owned(
    aws: Aws, items: Iterable[dict[str, Any]], arn: str, environment: str
) -> Iterator[dict[str, Any]]:
    for item in items:
        tags = sagemaker_tags(aws, item[arn])
        if tags is not None and not fault_of(tags, environment):
            yield item
