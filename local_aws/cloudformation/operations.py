"""The operations that create, change, and delete stacks."""

from collections.abc import Callable
from typing import Any

from local_aws.cloud import may_assume
from local_aws.cloudformation import planning, table
from local_aws.cloudformation.desired_state import DesiredState, desired_state
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
    desired = desired_state(region, stack, read_request(region, request, stack))
    if request.get("DisableRollback") and request.get("OnFailure"):
        raise StackError("Either DisableRollback or OnFailure can be specified, not both.")
    use_role(region, stack, request)
    stack.disable_rollback = disables_rollback(request)
    stack.deletes_new = request.get("RetainExceptOnCreate", False)
    stack.on_failure = request.get("OnFailure", "ROLLBACK")
    stack.token = request.get("ClientRequestToken")
    stack.protected = request.get("EnableTerminationProtection", False)
    table.add(region, stack)
    start_create(region, stack, desired)
    return {"StackId": stack.stack_id}


def disables_rollback(request: dict[str, Any]) -> bool:
    """Return whether a request keeps what it has created when it fails."""
    config = request.get("DeploymentConfig", {})
    return bool(request.get("DisableRollback") or config.get("DisableRollback"))


def check_role(region: Region, request: dict[str, Any]) -> None:
    """Raise StackError unless CloudFormation may assume the role of a request, if it has one."""
    role = request.get("RoleARN")
    service = "cloudformation.amazonaws.com"
    if role and not may_assume(region.settings, region.name, role, service):
        raise StackError(f"Role {role} is invalid or cannot be assumed")


def use_role(region: Region, stack: Stack, request: dict[str, Any]) -> None:
    """Let a stack be changed with the role of a request, from now on; without one, as before."""
    check_role(region, request)
    stack.role = request.get("RoleARN") or stack.role


def start_create(region: Region, stack: Stack, desired: DesiredState) -> None:
    """Start to create the resources of a stack."""
    with region.lock:
        stack.request = desired.request
        stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
    table.start(stack, lambda: Engine(region, stack).create(desired))


def update_stack(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Start the update of a stack; raise StackError if nothing would change."""
    stack = table.requested(region, request)
    if stack.token and stack.token == request.get("ClientRequestToken"):
        return {"StackId": stack.stack_id}
    table.check_updatable(stack)
    desired = desired_state(region, stack, read_request(region, request, stack))
    if planning.is_unchanged(stack, desired, planning.plan(stack, desired)):
        raise StackError("No updates are to be performed.")
    use_role(region, stack, request)
    stack.deletes_new = request.get("RetainExceptOnCreate", False)
    start_update(region, stack, desired, request.get("ClientRequestToken"))
    return {"StackId": stack.stack_id}


def start_update(region: Region, stack: Stack, desired: DesiredState, token: str | None) -> None:
    """Start to change the resources of a stack."""
    with region.lock:
        table.check_updatable(stack)
        stack.token = token
        for change_set in stack.change_sets.values():
            if change_set.execution == "AVAILABLE":
                change_set.execution = "OBSOLETE"
        stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        stack.updated = stack.events[-1]["Timestamp"]
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
        use_role(region, stack, request)
        stack.token = request.get("ClientRequestToken")
        stack.change_sets = {}
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
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
