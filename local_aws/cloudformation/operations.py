"""The operations that create, change, and delete stacks."""

from collections.abc import Callable
from typing import Any

from local_aws.cloud import may_assume
from local_aws.cloudformation import table
from local_aws.cloudformation.desired_state import DesiredState, desired_state, is_unchanged, plan
from local_aws.cloudformation.engine import Engine
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.records import Region, Stack
from local_aws.cloudformation.requests import read_request

Operation = Callable[[Region, dict[str, Any]], dict[str, Any]]


def _create_stack(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    existing = table.find_or_none(region, request["StackName"])
    if existing is not None:
        if existing.token and existing.token == request.get("ClientRequestToken"):
            return {"StackId": existing.stack_id}
        raise table.already_exists(existing)
    stack = table.blank(region, request["StackName"])
    desired = desired_state(region, read_request(region, request, stack))
    if request.get("DisableRollback") and request.get("OnFailure"):
        raise StackError("Either DisableRollback or OnFailure can be specified, not both.")
    stack.protected = request.get("EnableTerminationProtection", False)
    start_create(region, stack, desired, request)
    return {"StackId": stack.stack_id}


def _on_failure(request: dict[str, Any]) -> str:
    """Return what happens to the resources that a request has created when it fails."""
    config = request.get("DeploymentConfig", {})
    if request.get("DisableRollback") or config.get("DisableRollback"):
        return "DO_NOTHING"
    return str(request.get("OnFailure") or request.get("OnStackFailure") or "ROLLBACK")


def check_role(region: Region, request: dict[str, Any]) -> None:
    """Raise StackError unless CloudFormation may assume the role of a request, if it has one."""
    role = request.get("RoleARN")
    service = "cloudformation.amazonaws.com"
    if role and not may_assume(region.settings, region.name, role, service):
        raise StackError(f"Role {role} is invalid or cannot be assumed")


def _begin(region: Region, stack: Stack, request: dict[str, Any], status: str) -> None:
    """Begin an operation; its role is used from now on, and without one, the stack's last one."""
    check_role(region, request)
    stack.role = request.get("RoleARN") or stack.role
    stack.token = request.get("ClientRequestToken")
    stack.deletes_new = request.get("RetainExceptOnCreate", False)
    stack.set_status(status, "User Initiated")


def start_create(
    region: Region, stack: Stack, desired: DesiredState, request: dict[str, Any]
) -> None:
    """Start to create the resources of a stack, which may be new."""
    with region.lock:
        _begin(region, stack, request, "CREATE_IN_PROGRESS")
        stack.request, stack.on_failure = desired.request, _on_failure(request)
        table.add(region, stack)
    table.start(stack, lambda: Engine(region, stack).create(desired))


def update_stack(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Start the update of a stack; raise StackError if nothing would change."""
    stack = table.requested(region, request)
    if stack.token and stack.token == request.get("ClientRequestToken"):
        return {"StackId": stack.stack_id}
    table.check_updatable(stack)
    desired = desired_state(region, read_request(region, request, stack))
    if is_unchanged(stack, desired, plan(stack, desired)):
        raise StackError("No updates are to be performed.")
    start_update(region, stack, desired, request)
    return {"StackId": stack.stack_id}


def start_update(
    region: Region, stack: Stack, desired: DesiredState, request: dict[str, Any]
) -> None:
    """Start to change the resources of a stack."""
    with region.lock:
        table.check_updatable(stack)
        _begin(region, stack, request, "UPDATE_IN_PROGRESS")
        stack.updated = stack.events[-1]["Timestamp"]
        for change_set in stack.change_sets.values():
            if change_set.execution == "AVAILABLE":
                change_set.execution = "OBSOLETE"
    table.start(stack, lambda: Engine(region, stack).update(desired))


def delete_stack(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Start the deletion of a stack; a missing stack is not an error."""
    stack = table.find_or_none(region, request["StackName"])
    retain = request.get("RetainResources", [])
    with region.lock:
        if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
            return {}
        if stack.in_progress:
            table.check_updatable(stack, "deleted")
        if stack.protected:
            raise StackError(
                f"Stack [{request['StackName']}] cannot be deleted while TerminationProtection is "
                "enabled"
            )
        if retain and stack.status != "DELETE_FAILED":
            raise StackError(
                "Invalid operation on stack "
                f"[{stack.stack_id}]. RetainResources can only be used in DELETE_FAILED state"
            )
        try:
            table.check_deletable(region, stack)
        except ResourceFailure as failure:  # as on AWS, only the reason tells
            stack.set_status(stack.status, str(failure))
            return {}
        _begin(region, stack, request, "DELETE_IN_PROGRESS")
        stack.change_sets = {}
    table.start(stack, lambda: Engine(region, stack).delete(retain))
    return {}


def _protect_stack(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    stack = table.requested(region, request)
    with region.lock:
        if stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
            table.check_updatable(stack)
        stack.protected = request["EnableTerminationProtection"]
    return {"StackId": stack.stack_id}


OPERATIONS: dict[str, Operation] = {
    "CreateStack": _create_stack,
    "UpdateStack": update_stack,
    "DeleteStack": delete_stack,
    "UpdateTerminationProtection": _protect_stack,
}
