"""What a deleted environment left behind, found by its tags and names, and how to remove it."""

from collections.abc import Iterable, Iterator
from typing import Any

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.log_groups import ENDPOINTS, arn_of, endpoint_groups
from scripts.account.naming import name_in_stack
from scripts.account.ownership import fault_of, sagemaker_tags
from scripts.account.registry import group_packages
from scripts.operations.environments import stacks_of

_KINDS = {  # of resources of SageMaker, and the keys of their lists
    "endpoint": "Endpoints",
    "endpoint-config": "EndpointConfigs",
    "model": "Models",
    "model-package-group": "ModelPackageGroupSummaryList",
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
