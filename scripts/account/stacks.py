"""CloudFormation stacks: whether they are there, how they stand, and what they put out."""

import os
import shlex
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import default_stack, say

_BUCKET, _ROLE = "NEWSGROUP_CLASSIFIER_BUCKET", "NEWSGROUP_CLASSIFIER_ROLE_ARN"


@dataclass(frozen=True)
class Foundation:
    """Where data, code and models lie, and the role that jobs and endpoints run under."""

    bucket: str
    role_arn: str


def find_stack(aws: Aws, stack: str) -> dict[str, Any] | None:
    """Return a stack, or None if there is none of that name."""
    client = aws.client("cloudformation")
    try:
        found: dict[str, Any] = client.describe_stacks(StackName=stack)["Stacks"][0]
    except client.exceptions.ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
        return None
    return found


def stack_foundation(aws: Aws, stack: str) -> Foundation:
    """Return what the foundation stack made; raise DeploymentError if it is not there or whole."""
    found = find_stack(aws, stack)
    if found is None:
        raise DeploymentError(
            f"there is no stack {stack!r} in region {aws.region}. Make it with: {_setup(stack)}"
        )
    outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
    missing = [name for name in ("BucketName", "RoleArn") if name not in outputs]
    if missing:
        raise DeploymentError(
            f"the stack {stack!r} ({found['StackStatus']}) puts out no {' and no '.join(missing)}. "
            f"Is it the foundation, and complete? Make it with: {_setup(stack)}"
        )
    return Foundation(outputs["BucketName"], outputs["RoleArn"])


def _setup(stack: str) -> str:
    return f"python -m scripts.setup{stack_flag(stack)}"


def stack_flag(stack: str) -> str:
    """Return what a command that is advised says again of the stack: its flag, if it is needed."""
    return "" if stack == default_stack() else f" --stack {shlex.quote(stack)}"


def foundation(aws: Aws, stack: str) -> Foundation:
    """Return bucket and role: from the environment, or else from the stack's outputs.

    The role must have rights to the bucket, so the environment names both or neither.
    """
    bucket, role = os.environ.get(_BUCKET), os.environ.get(_ROLE)
    if bucket and role:
        _check_bucket(aws, bucket)
        return Foundation(bucket, role)
    if bucket or role:
        lone, other = (_BUCKET, _ROLE) if bucket else (_ROLE, _BUCKET)
        raise DeploymentError(f"{lone} is set and {other} is not; set both or neither")
    return stack_foundation(aws, stack)


def _check_bucket(aws: Aws, bucket: str) -> None:
    """Raise DeploymentError unless there is a bucket of the name that the environment gives.

    Whoever may not look at a bucket may have rights to its objects.
    """
    from botocore.exceptions import ClientError, ParamValidationError  # --help needs none

    try:
        aws.client("s3").head_bucket(Bucket=bucket)
    except (ClientError, ParamValidationError) as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] != "404":
            return
        raise DeploymentError(
            f"there is no bucket {bucket!r}, which {_BUCKET} names; expected one that exists, "
            f"or neither {_BUCKET} nor {_ROLE}, and a stack (python -m scripts.setup)"
        ) from error


def foundation_if_any(aws: Aws, stack: str) -> Foundation | None:
    """Return bucket and role, or None if neither the environment nor a stack names them."""
    named = os.environ.get(_BUCKET) or os.environ.get(_ROLE)
    return foundation(aws, stack) if named or find_stack(aws, stack) is not None else None


def change_stack(aws: Aws, call: Call) -> bool:
    """Make a call on a stack; return False if the stack is as the template has it already."""
    client = aws.client("cloudformation")
    try:
        aws.make(call)
    except client.exceptions.ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
        say(f"The stack {call.parameters['StackName']} is up to date.")
        return False
    return True


def settled_stack(aws: Aws, stack: str) -> dict[str, Any] | None:
    """Wait until nothing goes on in a stack, and return it, or None if there is none."""
    status = ""
    while (found := find_stack(aws, stack)) is not None:
        if found["StackStatus"] != status:
            status = found["StackStatus"]
            say(f"Stack {stack}: {status}")
        if not status.endswith("IN_PROGRESS"):
            return None if status == "DELETE_COMPLETE" else found
        aws.pause()
    return None


def stack_failures(aws: Aws, stack: str) -> str:
    """Return why a stack's last operation failed: the reason of each resource that did."""
    reasons: list[str] = []
    # Newest first; the operation began with the stack's own event that says IN_PROGRESS.
    for event in aws.pages(
        "cloudformation", "describe_stack_events", "StackEvents", StackName=stack
    ):
        status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
        own = event["LogicalResourceId"] == stack
        if own and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if status.endswith("FAILED") and not own and "cancelled" not in reason:
            reasons.insert(0, f"{event['LogicalResourceId']}: {reason}")
    return "; ".join(reasons) or "see the stack's events"
