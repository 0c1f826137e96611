"""CloudFormation stacks: their state, their outputs, and the foundation among them."""

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.own_code import OWN_MODEL
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import default_stack
from scripts.account.naming import name_in_stack, role_scope
from scripts.account.ownership import Tags, check_owner, tag_map

_JOBS_ROLE = "JobsRoleArn"  # and the name of the recipe
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
_BUCKET, _ROLE = "NEWSGROUP_CLASSIFIER_BUCKET", "NEWSGROUP_CLASSIFIER_ROLE_ARN"


@dataclass(frozen=True)
class Foundation:
    """The bucket of data, code and models, and the roles that endpoints and jobs run under."""

    bucket: str
    role_arn: str  # of endpoints and, if the others are None, of everything
    transform_role_arn: str | None = None
    jobs_role_arns: Mapping[str, str] | None = None  # by the output of the stack

    def jobs_role(self, stack: str, recipe: Recipe) -> str:
        """Return the role of a recipe's training jobs, or "" if there is none."""
        if self.jobs_role_arns is None:
            return self.role_arn
        return self.jobs_role_arns.get(_jobs_role_name(stack, recipe), "")


def check_jobs_role(aws: Aws, base: Foundation, stack: str, recipe: Recipe) -> None:
    """Raise DeploymentError unless a foundation has the role of a recipe's training jobs."""
    if not base.jobs_role(stack, recipe):
        raise DeploymentError(
            f"the stack {stack!r} has no output {_jobs_role_name(stack, recipe)}, the role of "
            f"training jobs of {recipe.name}. Create it with: {_setup_command(aws, stack)}"
        )


def _jobs_role_name(stack: str, recipe: Recipe) -> str:
    """Return the output of the foundation with the role of a recipe's training jobs."""
    scope = name_in_stack(stack, role_scope(recipe))
    return f"{_JOBS_ROLE}{re.sub('[^A-Za-z0-9]', '', scope)}"


def list_stacks(aws: Aws) -> Iterator[dict[str, Any]]:
    """Yield all stacks in the region."""
    return aws.pages("cloudformation", "describe_stacks", "Stacks")


def find_stack(aws: Aws, stack: str) -> dict[str, Any] | None:
    """Return a stack, or None if it does not exist."""
    call = Call("cloudformation", "describe_stacks", {"StackName": stack})
    response = aws.make(call, "does not exist")
    return response["Stacks"][0] if response else None


def stack_foundation(aws: Aws, stack: str) -> Foundation:
    """Return the foundation that a stack created; raise DeploymentError if it has none."""
    outputs = _outputs(aws, stack, "BucketName", "RoleArn", "TransformRoleArn")
    jobs_roles = {name: arn for name, arn in outputs.items() if name.startswith(_JOBS_ROLE)}
    return Foundation(
        outputs["BucketName"], outputs["RoleArn"], outputs["TransformRoleArn"], jobs_roles
    )


def stack_bucket(aws: Aws, stack: str) -> str:
    """Return the bucket of a foundation, which may be of an earlier release without all roles."""
    return _outputs(aws, stack, "BucketName")["BucketName"]


def _outputs(aws: Aws, stack: str, *needed: str) -> dict[str, str]:
    setup = _setup_command(aws, stack)
    description = find_stack(aws, stack)
    if description is None:
        raise DeploymentError(
            f"there is no stack {stack!r} in region {aws.region}. Create it with: {setup}"
        )
    outputs = outputs_of(description)
    if missing := [name for name in needed if name not in outputs]:
        raise DeploymentError(
            f"the stack {stack!r} ({description['StackStatus']}) has no output "
            f"{' or '.join(missing)}. If it is a foundation, update it with: {setup}"
        )
    return outputs


def check_foundation(stack: dict[str, Any]) -> None:
    """Raise DeploymentError unless a stack is the foundation that its name says."""
    name, tags = stack["StackName"], tags_of(stack)
    remedy = f"Choose another --stack, or delete {name} if you no longer need it."
    if "recipe" in tags:
        raise DeploymentError(
            f"the stack {name} is not a foundation: expected a stack that `setup` created, found "
            f"the function of {tags['recipe']}. {remedy}"
        )
    # Foundations of earlier releases have no tag with their name.
    check_owner(f"the stack {name}", {"stack": name, **tags}, name, remedy)


def merged_tags(
    previous: dict[str, Any] | None, tags: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Return tags of a stack with those of the previous one, which an update would remove."""
    earlier = {key: value for key, value in tags_of(previous or {}).items() if key != "data"}
    merged = {**earlier, **tag_map(tags)}
    return [{"Key": key, "Value": value} for key, value in merged.items()]


def account_words(region: str | None, stack: str) -> list[str]:
    """Return the words of a command line that select a region and a stack, if not the defaults."""
    words = ["--region", region] if region else []
    return [*words, *(["--stack", stack] if stack != default_stack() else [])]


def account_flags(aws: Aws, stack: str) -> str:
    """Return the flags of a suggested command that select a region and a stack, each after " "."""
    words = account_words(aws.requested_region, stack)
    return "".join(f" {shlex.quote(word)}" for word in words)


def _setup_command(aws: Aws, stack: str) -> str:
    return f"python -m scripts.setup{account_flags(aws, stack)}"


def recipe_words(recipe: Recipe) -> list[str]:
    """Return the words of a command line that select a recipe and its data."""
    data = ["--name", recipe.data_name] if recipe.data_name else []
    return ["--recipe", recipe.file or recipe.name, *data]


def recipe_flags(aws: Aws, recipe: Recipe, stack: str) -> str:
    """Return the flags of a suggested command that select a recipe, its data, region and stack."""
    return shlex.join(recipe_words(recipe)) + account_flags(aws, stack)


def training_command(aws: Aws, recipe: Recipe, stack: str) -> str:
    """Return the command that makes another model of a recipe, which may be of the user's."""
    if recipe.name == OWN_MODEL:
        words = f"--model FILE --name {recipe.data_name}"
        return f"python -m scripts.register {words}{account_flags(aws, stack)}"
    return f"python -m scripts.train {recipe_flags(aws, recipe, stack)}"


def owner_flags(aws: Aws, tags: Mapping[str, str], stack: str) -> str:
    """Return the flags of a suggested command that select what the tags of a resource name."""
    data = f" --name {tags['data']}" if "data" in tags else ""
    return f"--recipe {tags.get('recipe', 'NAME')}{data}{account_flags(aws, stack)}"


def foundation(aws: Aws, stack: str) -> Foundation:
    """Return the bucket and role from the environment, or else from the outputs of the stack."""
    bucket, role = os.environ.get(_BUCKET), os.environ.get(_ROLE)
    if bucket and role:
        _check_bucket(aws, bucket, stack)
        return Foundation(bucket, role)
    if bucket or role:
        lone, other = (_BUCKET, _ROLE) if bucket else (_ROLE, _BUCKET)
        raise DeploymentError(f"{lone} is set and {other} is not; set both or neither")
    return stack_foundation(aws, stack)


def _check_bucket(aws: Aws, bucket: str, stack: str) -> None:
    """Raise DeploymentError unless the bucket that the environment names exists in the region."""
    from botocore.exceptions import ClientError, ParamValidationError  # --help does not need them

    try:
        region = aws.client("s3").head_bucket(Bucket=bucket).get("BucketRegion", aws.region)
    except (ClientError, ParamValidationError) as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] != "404":
            return  # access to its objects may still be granted
        raise DeploymentError(
            f"{_BUCKET} names the bucket {bucket!r}, which does not exist. Name an existing one, "
            f"or unset {_BUCKET} and {_ROLE} and create a stack with: {_setup_command(aws, stack)}"
        ) from error
    if region != aws.region:
        raise DeploymentError(
            f"{_BUCKET} names the bucket {bucket!r}, which is in region {region}; expected one in "
            f"{aws.region}, because SageMaker and Lambda read none of another region. Pass "
            f"--region {region}, or name another bucket"
        )


def bucket_if_any(aws: Aws, stack: str) -> str | None:
    """Return the bucket, or None if neither the environment nor a stack names one."""
    if os.environ.get(_BUCKET) or os.environ.get(_ROLE):
        return foundation(aws, stack).bucket
    return stack_bucket(aws, stack) if find_stack(aws, stack) is not None else None


def tags_of(stack: dict[str, Any]) -> Tags:
    """Return the tags of a stack."""
    return tag_map(stack.get("Tags", []))


def parameters_of(stack: dict[str, Any] | None) -> dict[str, str]:
    """Return the values of the parameters of a stack, none without a stack."""
    items = stack.get("Parameters", []) if stack else []
    return {item["ParameterKey"]: item["ParameterValue"] for item in items}


def outputs_of(stack: dict[str, Any] | None) -> dict[str, str]:
    """Return the outputs of a stack, none without a stack."""
    items = stack.get("Outputs", []) if stack else []
    return {item["OutputKey"]: item["OutputValue"] for item in items}


def wait_for_stack(
    aws: Aws, stack: str, progress: Callable[[], object] = str
) -> dict[str, Any] | None:
    """Wait until no operation on a stack is in progress; return it, or None if it is gone."""
    name = stack.rpartition(":stack/")[2].partition("/")[0]  # also of an ARN
    for state in aws.watch(f"Stack {name}", lambda: find_stack(aws, stack), "StackStatus"):
        if not _is_changing(state):
            return None if state["StackStatus"] == "DELETE_COMPLETE" else state
        progress()
    return None


def settle_stack(
    aws: Aws, stack: str, progress: Callable[[], object] = str
) -> dict[str, Any] | None:
    """Wait for an operation in progress on a stack if there is one; return the stack, or None."""
    state = find_stack(aws, stack)
    if state is None or not _is_changing(state):
        return state
    return wait_for_stack(aws, stack, progress)


def _is_changing(stack: dict[str, Any]) -> bool:
    """Return whether an operation is in progress, and not only a change set not yet executed."""
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def remove_stack(aws: Aws, stack: str, progress: Callable[[], object] = str) -> None:
    """Delete a stack and wait; before, wait for an operation in progress, and call `progress`."""
    state = settle_stack(aws, stack, progress)
    if state is None or state["StackStatus"] == "DELETE_COMPLETE":
        return
    aws.make(Call("cloudformation", "delete_stack", {"StackName": stack}))
    remainder = wait_for_stack(aws, stack)
    if remainder is not None:
        raise DeploymentError(
            f"the stack {stack} could not be deleted ({remainder['StackStatus']}): "
            f"{stack_failures(aws, stack)}"
        )


def stack_failures(aws: Aws, stack: str) -> str:
    """Return the reasons of the resources that failed in the last operation of a stack."""
    reasons: list[str] = []
    # Newest first. The operation began with the stack's own event of status IN_PROGRESS.
    pages = aws.pages("cloudformation", "describe_stack_events", "StackEvents", StackName=stack)
    for event in pages:
        status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
        own = event.get("PhysicalResourceId") == event["StackId"]
        if own and status in _BEGINNINGS:
            break
        if status.endswith("FAILED") and not own and "cancelled" not in reason:
            reasons.insert(0, f"{event['LogicalResourceId']}: {reason}")
    return "; ".join(reasons) or "see the stack's events"
