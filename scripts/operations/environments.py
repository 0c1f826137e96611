"""The environments of an account: their foundations, and all stacks that belong to one."""

from collections.abc import Iterable
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.naming import PROJECT
from scripts.account.ownership import fault_of
from scripts.account.stacks import account_flags, list_stacks, tags_of


def environments(aws: Aws) -> list[str]:
    """Return the names of the foundations of the project in the region."""
    return sorted(
        stack["StackName"]
        for stack in list_stacks(aws)
        if (tags := tags_of(stack)).get("project") == PROJECT
        and tags.get("stack", stack["StackName"]) == stack["StackName"]
        and "recipe" not in tags
    )


def check_environment(aws: Aws, stack: str) -> None:
    """Raise DeploymentError, with the names of those that exist, if an environment does not."""
    existing = environments(aws)
    if stack not in existing:
        raise DeploymentError(
            f"there is no environment {stack!r} in account {aws.account_id}, region {aws.region}; "
            f"found {', '.join(existing) or 'none'}. Pass another --stack, or create it with: "
            f"python -m scripts.setup{account_flags(aws, stack)}"
        )


def stacks_of(aws: Aws, environment: str) -> list[dict[str, Any]]:
    """Return the stacks of an environment: its foundation, functions, APIs, and alarms."""
    return [stack for stack in list_stacks(aws) if not fault_of(tags_of(stack), environment)]


def protection_calls(aws: Aws, environment: str, protect: bool | None) -> list[Call]:
    """Return the calls that protect the stacks of an environment against deletion, or no longer."""
    return [
        Call(
            "cloudformation",
            "update_termination_protection",
            {"StackName": stack["StackName"], "EnableTerminationProtection": protect},
        )
        for stack in stacks_of(aws, environment)
        if protect is not None and stack.get("EnableTerminationProtection", False) != protect
    ]


def check_unprotected(aws: Aws, environment: str, deleted: Iterable[str]) -> None:
    """Raise DeploymentError if an environment, or one of its stacks to delete, is protected."""
    needed = {environment, *deleted}
    names = [
        stack["StackName"]
        for stack in stacks_of(aws, environment)
        if stack.get("EnableTerminationProtection") and stack["StackName"] in needed
    ]
    if names:
        raise DeploymentError(
            f"nothing was deleted, because {', '.join(names)} is protected against deletion. "
            "Remove the protection of the environment with: "
            f"python -m scripts.setup --no-protect{account_flags(aws, environment)}"
        )
