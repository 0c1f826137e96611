"""Change sets: what a template would change in a stack, reviewed before it is executed."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_aws.cloudformation import parameters, table
from local_aws.cloudformation.describing import page
from local_aws.cloudformation.desired_state import Change, desired_state, is_unchanged, plan
from local_aws.cloudformation.errors import (
    AlreadyExists,
    ChangeSetNotFound,
    ExportNotFound,
    InvalidChangeSet,
    StackError,
)
from local_aws.cloudformation.operations import check_role, start_create, start_update
from local_aws.cloudformation.provider import tag_list
from local_aws.cloudformation.records import Region, Stack, StackRequest
from local_aws.cloudformation.requests import read_request
from local_aws.records import now

_UNCHANGED = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


@dataclass
class ChangeSet:
    """One change set."""

    name: str
    arn: str
    kind: str  # CREATE or UPDATE
    request: dict[str, Any]
    content: StackRequest
    changes: list[Change] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    reason: str = ""
    execution: str = "AVAILABLE"
    created: datetime = field(default_factory=now)

    def fail(self, reason: str) -> None:
        """Make a change set that cannot be executed."""
        self.status, self.reason, self.execution = "FAILED", reason, "UNAVAILABLE"


def create(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Create a change set, and an empty stack for a change set of the type CREATE."""
    name, kind = request["ChangeSetName"], request.get("ChangeSetType", "UPDATE")
    stack = _stack_for(region, request, kind)
    for existing in stack.change_sets.values():
        if existing.name == name:
            if request.get("ClientToken", "") == existing.request.get("ClientToken"):
                return {"Id": existing.arn, "StackId": stack.stack_id}
            raise AlreadyExists(
                f"ChangeSet {name} cannot be created due to a mismatch with existing attribute"
            )
    change_set = _planned(region, stack, request, kind)
    with region.lock:
        if stack.stack_id not in region.stacks:
            table.add(region, stack)
            stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        stack.change_sets[change_set.arn] = change_set
    return {"Id": change_set.arn, "StackId": stack.stack_id}


def _planned(region: Region, stack: Stack, request: dict[str, Any], kind: str) -> ChangeSet:
    """Return the change set of a request, which has failed if there is nothing to do."""
    name = request["ChangeSetName"]
    check_role(region, request)
    arn = f"{stack.stack_id.partition(':stack/')[0]}:changeSet/{name}/{uuid.uuid4()}"
    content = read_request(region, request, stack, is_reviewed=True)
    change_set = ChangeSet(name, arn, kind, request, content)
    try:
        desired = desired_state(region, content)
    except ExportNotFound as error:
        change_set.fail(error.message)
        return change_set
    change_set.changes = plan(stack, desired)
    if kind == "UPDATE" and is_unchanged(stack, desired, change_set.changes):
        change_set.fail(_UNCHANGED)
    return change_set


def _stack_for(region: Region, request: dict[str, Any], kind: str) -> Stack:
    if kind == "UPDATE":
        existing = table.requested(region, request)
        table.check_updatable(existing)
        return existing
    name = request["StackName"]
    stack = table.find_or_none(region, name)
    if stack is None:
        return table.blank(region, name)
    if stack.status != "REVIEW_IN_PROGRESS":
        raise StackError(
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{kind}]."
        )
    return stack


def _find(region: Region, request: dict[str, Any]) -> tuple[Stack, ChangeSet]:
    name, stack_name = request["ChangeSetName"], request.get("StackName")
    if not stack_name and not name.startswith("arn:"):
        raise StackError("StackName must be specified if ChangeSetName is not specified as an ARN.")
    with region.lock:
        stacks = [table.requested(region, request)] if stack_name else [*region.stacks.values()]
        for stack in stacks:
            for change_set in stack.change_sets.values():
                if name in (change_set.arn, change_set.name):
                    return stack, change_set
    raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")


def describe(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Describe a change set and its changes."""
    stack, change_set = _find(region, request)
    changes = [{"Type": "Resource", "ResourceChange": change} for change in change_set.changes]
    described = {
        **_summary(stack, change_set),
        "Parameters": parameters.describe(change_set.content),
        "Tags": tag_list(change_set.content.tags),
        "Capabilities": change_set.content.capabilities,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
    }
    return described | page(request, changes, "Changes")


def _summary(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "ChangeSetId": change_set.arn,
        "ChangeSetName": change_set.name,
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "StatusReason": change_set.reason or None,
        "Description": change_set.request.get("Description"),
        "CreationTime": change_set.created,
        "IncludeNestedStacks": False,
    }


def execute(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Start the changes of a change set; the stack's other change sets are deleted."""
    stack, change_set = _find(region, request)
    start = start_create if change_set.kind == "CREATE" else start_update
    with region.lock:
        if change_set.execution != "AVAILABLE":
            failed = change_set.status == "FAILED"
            raise InvalidChangeSet(
                f"ChangeSet [{change_set.arn}] cannot be executed in its current status of "
                f"[{change_set.status if failed else change_set.execution}]"
            )
        desired = desired_state(region, change_set.content)
        start(region, stack, desired, change_set.request | request)
        change_set.execution = "EXECUTE_COMPLETE"
        stack.change_sets = {change_set.arn: change_set}
    return {}


def delete(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a change set."""
    stack, change_set = _find(region, request)
    with region.lock:
        stack.change_sets.pop(change_set.arn, None)
    return {}


def _list_all(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    stack = table.requested(region, request)
    summaries = [_summary(stack, change_set) for change_set in stack.change_sets.values()]
    return page(request, summaries, "Summaries")


OPERATIONS = {
    "CreateChangeSet": create,
    "DescribeChangeSet": describe,
    "ExecuteChangeSet": execute,
    "DeleteChangeSet": delete,
    "ListChangeSets": _list_all,
}
