"""The tags that name the stack of a resource, which every update and delete checks first.

Releases before the tag `stack` tagged their resources with the project only. Those belong to the
default stack.
"""

from collections.abc import Mapping, Sequence

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.naming import DEFAULT_STACK, PROJECT

Tags = Mapping[str, str]


def tag_map(tags: Sequence[Mapping[str, str]]) -> Tags:
    """Return a list of tags as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def sagemaker_tags(aws: Aws, arn: str) -> Tags | None:
    """Return the tags of a SageMaker resource, or None if it does not exist any more."""
    client = aws.client("sagemaker")
    try:
        return tag_map(list(aws.pages("sagemaker", "list_tags", "Tags", ResourceArn=arn)))
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in ("ResourceNotFound", "ValidationException"):
            return None
        raise


def fault_of(tags: Tags, stack: str, recipe: Recipe | None = None) -> str:
    """Return what is wrong with the tags of a resource of a stack, and recipe if given, or ""."""
    actual = {"project": tags.get("project", ""), "stack": tags.get("stack", "")}
    if actual["project"] == PROJECT:
        actual["stack"] = actual["stack"] or DEFAULT_STACK
    expected = {"project": PROJECT, "stack": stack}
    if recipe:
        actual |= {name: tags.get(name, "") for name in ("recipe", "data")}
        expected |= {"recipe": recipe.name, "data": recipe.data_name}
    wrong = [name for name in expected if actual[name] != expected[name]]
    if not wrong:
        return ""
    values = " and ".join(_listed(expected, wrong))
    return f"expected the tags {values}, found {', '.join(_listed(actual, wrong))}"


def _listed(tags: Tags, names: Sequence[str]) -> list[str]:
    return [f"{name}={tags[name]}" if tags[name] else f"no {name}" for name in names]


def check_owner(description: str, tags: Tags, stack: str, remedy: str) -> None:
    """Raise DeploymentError with a remedy unless the tags are those of a stack."""
    if fault := fault_of(tags, stack):
        raise DeploymentError(
            f"{description} belongs to someone else, so it is not changed: {fault}. {remedy}"
        )


def is_own(aws: Aws, description: str, arn: str, stack: str, recipe: Recipe | None = None) -> bool:
    """Return whether a SageMaker resource exists and is of a stack; print why it is kept if not."""
    tags = sagemaker_tags(aws, arn)
    if tags is None:
        return False
    if fault := fault_of(tags, stack, recipe):
        say(f"Kept {description}: {fault}. If it is yours, delete it with the AWS CLI.")
    return not fault
