"""The environments of an account: their foundations, and all stacks that belong to one."""

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.naming import PROJECT
from scripts.account.ownership import tag_map
from scripts.account.stacks import account_flags


def environments(aws: Aws) -> list[str]:
    """Return the names of the foundations of the project in the region."""
    return sorted(
        stack["StackName"]
        for stack in aws.pages("cloudformation", "describe_stacks", "Stacks")
        if (tags := tag_map(stack.get("Tags", []))).get("project") == PROJECT
        and tags.get("stack", stack["StackName"]) == stack["StackName"]
        and "recipe" not in tags
    )


def check_environment(aws: Aws, stack: str) -> None:
    """Raise DeploymentError, with the names of those that exist, if an environment does not."""
    existing = environments(aws)
    if stack not in existing:
        raise DeploymentError(
            f"there is no environment {stack!r} in account {aws.account_id}, region {aws.region}; "
            f"found {', '.join(existing) or 'none'}. Create it with: "
            f"python -m scripts.setup{account_flags(aws, stack)}"
        )
