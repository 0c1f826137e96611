"""Create and update CloudFormation stacks: wait until they are complete, or undo what was begun."""

from collections.abc import Callable
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.creations import Creations
from scripts.account.messages import message_of
from scripts.account.naming import new_stamp
from scripts.account.stacks import outputs_of, remove_stack, stack_failures, wait_for_stack

COMPLETE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"  # to the previous release, which serves
_FAILED_CREATIONS = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED")
_NO_CHANGE = "No updates are to be performed"
_UNRESERVED = "UnreservedConcurrentExecution"  # in AWS's reason; new accounts can reserve nothing


def is_failed_creation(stack: dict[str, Any]) -> bool:
    """Return whether the creation of a stack failed, so that it must be replaced."""
    return stack["StackStatus"] in _FAILED_CREATIONS


def check_rolled_back(aws: Aws, stack: dict[str, Any]) -> None:
    """Raise DeploymentError if the rollback of a stack failed, whose resources still serve."""
    name = stack["StackName"]
    if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED" and not aws.is_local:
        raise DeploymentError(
            f"the stack {name} could not return to its previous state, so it cannot be updated "
            "(UPDATE_ROLLBACK_FAILED). Its events have the reason. Correct that, and run: aws "
            f"cloudformation continue-update-rollback --region {aws.region} --stack-name {name}"
        )


def create(aws: Aws, call: Call, failed: dict[str, Any] | None = None) -> None:
    """Create the stack, after removing a failed one; remove it if that fails or is interrupted."""
    if failed is not None:
        remove_stack(aws, failed["StackId"])
    stack, creations, token = call.parameters["StackName"], Creations(aws), new_stamp()
    # With the token, AWS recognizes a call that is repeated because its response was lost.
    call = Call(call.service, call.operation, call.parameters | {"ClientRequestToken": token})
    try:
        creations.make(call)
        created = wait_for_stack(aws, stack)
        if created is None:
            raise DeploymentError(f"the stack {stack} was deleted while it was being created")
        if created["StackStatus"] not in COMPLETE:
            reason = _failures(aws, stack)
            raise DeploymentError(f"the stack {stack} could not be created: {reason}")
    except aws.client(call.service).exceptions.AlreadyExistsException as error:
        _undo(aws, stack, creations, token)
        raise DeploymentError(
            f"someone else created the stack {stack} in the meantime, so it is kept; repeat the "
            "command"
        ) from error
    except BaseException:
        _undo(aws, stack, creations, token)
        raise


def _undo(aws: Aws, stack: str, creations: Creations, token: str) -> None:
    if creations.reversals():
        remove_again(aws, stack, lambda: _own_stack_id(aws, stack, token))


def _own_stack_id(aws: Aws, stack: str, token: str) -> str | None:
    """Return the id of the stack of a name that a call with a token created, or None."""
    call = Call("cloudformation", "describe_stack_events", {"StackName": stack})
    events = (aws.make(call, "does not exist") or {"StackEvents": []})["StackEvents"]
    own = (event["StackId"] for event in events if event.get("ClientRequestToken") == token)
    return next(own, None)


def remove_again(aws: Aws, stack: str, find: Callable[[], str | None]) -> None:
    """Remove a stack that did not complete, if its name or id is found; say so if that fails."""
    try:
        if own := find():
            say("The command did not complete; removing what it created.")
            remove_stack(aws, own)
    except Exception as error:
        say(f"The stack {stack} may still exist, because it was not removed: {message_of(error)}")


def update(aws: Aws, call: Call, token: str, progress: Callable[[], object] = str) -> bool:
    """Update the stack, and call `progress` until it ends; return False if it matches already.

    With the token, AWS recognizes a call that is repeated because its response was lost.
    """
    stack = call.parameters["StackName"]
    named = call.parameters | {"ClientRequestToken": token}
    if aws.make(Call(call.service, call.operation, named), _NO_CHANGE) is None:
        say(f"The stack {stack} is up to date.")
        return False
    try:
        updated = wait_for_stack(aws, stack, progress)
    except KeyboardInterrupt:
        say(f"The update of the stack {stack} continues without this command.")
        raise
    status = updated["StackStatus"] if updated else "gone"
    if status not in COMPLETE:
        reason = _failures(aws, stack)
        back = status == ROLLED_BACK and "FunctionName" in outputs_of(updated)
        hint = ". It serves the previous release." if back else ""
        raise DeploymentError(f"the stack {stack} could not be updated ({status}): {reason}{hint}")
    return True


def _failures(aws: Aws, stack: str) -> str:
    """Return why the last operation on a stack failed, and how to do without what it lacked."""
    reason = stack_failures(aws, stack).rstrip(".")
    is_reserved = _UNRESERVED in reason
    return reason + (". Pass a lower --concurrency, or 0 to reserve none" if is_reserved else "")
