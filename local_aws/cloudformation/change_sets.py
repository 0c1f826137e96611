"""Change sets: what a template would change in a stack, looked at before it is executed."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_aws.cloudformation import planning, table
from local_aws.cloudformation.describing import page
from local_aws.cloudformation.desired import Desired, desire
from local_aws.cloudformation.errors import (
    AlreadyExists,
    ChangeSetNotFound,
    InvalidChangeSet,
    StackError,
)
from local_aws.cloudformation.operations import begin_create, begin_rules, begin_update
from local_aws.cloudformation.planning import Change
from local_aws.cloudformation.records import Request, Stack, now
from local_aws.cloudformation.requests import build
from local_aws.region import Region

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
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
    built: Request
    desired: Desired
    changes: list[Change]
    description: str = ""
    status: str = "CREATE_COMPLETE"
    reason: str = ""
    execution: str = "AVAILABLE"
    created: datetime = field(default_factory=now)


def create(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a change set, and for one that is to create a stack the empty stack."""
    name, kind = request["ChangeSetName"], request.get("ChangeSetType", "UPDATE")
    if _NAME.fullmatch(name) is None:
        raise StackError(
            f"1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    if kind not in ("CREATE", "UPDATE"):
        raise StackError(f"The local AWS does not reproduce the change set type {kind}.")
    stack = _stack_for(region, request["StackName"], kind)
    if any(item.name == name for item in stack.change_sets.values()):
        raise AlreadyExists(f"ChangeSet {name} cannot be created due to a mismatch with existing "
                            "attribute")  # fmt: skip
    built = build(region, request, stack)
    desired = desire(region, stack.name, stack.stack_id, built)
    changes = planning.plan(stack, desired)
    arn = f"{stack.stack_id.partition(':stack/')[0]}:changeSet/{name}/{uuid.uuid4()}"
    made = ChangeSet(name, arn, kind, built, desired, changes, request.get("Description", ""))
    if kind == "UPDATE" and planning.is_nothing(stack, desired, changes):
        made.status, made.reason, made.execution = "FAILED", _UNCHANGED, "UNAVAILABLE"
    with region.lock:
        if stack.stack_id not in region.stacks:
            begin_rules(stack, {"OnFailure": request.get("OnStackFailure", "ROLLBACK")})
            table.add(region, stack)
            stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        stack.change_sets[arn] = made
    return {"Id": arn, "StackId": stack.stack_id}


def _stack_for(region: Region, name: str, kind: str) -> Stack:
    stack = table.find_or_none(region, name)
    if kind == "UPDATE":
        if stack is None:
            raise StackError(f"Stack [{name}] does not exist")
        table.check_updatable(stack)
        return stack
    if stack is None:
        return table.blank(region, name)
    if stack.status != "REVIEW_IN_PROGRESS":
        raise StackError(
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{kind}]."
        )
    return stack


def _find(region: Region, request: dict[str, Any]) -> tuple[Stack, ChangeSet]:
    wanted, stack_name = request["ChangeSetName"], request.get("StackName")
    if not stack_name and not wanted.startswith("arn:"):
        raise StackError("StackName must be specified if ChangeSetName is not specified as an ARN.")
    with region.lock:
        stacks = [table.find(region, stack_name)] if stack_name else list(region.stacks.values())
        for stack in stacks:
            for found in stack.change_sets.values():
                if wanted in (found.arn, found.name):
                    return stack, found
    raise ChangeSetNotFound(f"ChangeSet [{wanted}] does not exist")


def describe(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Tell what a change set would change."""
    stack, found = _find(region, request)
    changes = [{"Type": "Resource", "ResourceChange": _shown(item)} for item in found.changes]
    described = {
        **_summary(stack, found),
        "Parameters": found.built.shown_parameters,
        "Tags": [{"Key": key, "Value": value} for key, value in found.built.tags.items()],
        "Capabilities": found.built.capabilities,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
    }
    return described | page(request, changes, "Changes")


def _summary(stack: Stack, found: ChangeSet) -> dict[str, Any]:
    summary = {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "ChangeSetId": found.arn,
        "ChangeSetName": found.name,
        "ExecutionStatus": found.execution,
        "Status": found.status,
        "CreationTime": found.created,
        "IncludeNestedStacks": False,
    }
    told = {"StatusReason": found.reason, "Description": found.description}
    return summary | {name: text for name, text in told.items() if text}


def _shown(change: Change) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "ResourceType": change.kind,
        "Scope": ["Properties"] if change.names else [],
        "Details": [
            {
                "Target": {
                    "Attribute": "Properties",
                    "Name": name,
                    "RequiresRecreation": "Always" if change.replacement == "True" else "Never",
                },
                "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }
            for name in change.names
        ],
    }
    if change.physical_id:
        shown["PhysicalResourceId"] = change.physical_id
    if change.replacement:
        shown["Replacement"] = change.replacement
    return shown


def execute(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to do what a change set says; the stack's other ones are void."""
    stack, found = _find(region, request)
    with region.lock:
        if found.execution != "AVAILABLE":
            raise InvalidChangeSet(
                f"ChangeSet [{found.arn}] cannot be executed in its current status of "
                f"[{found.status}]"
            )
        token = request.get("ClientRequestToken")
        if found.kind == "CREATE":
            stack.token = token
            stack.disable_rollback = bool(request.get("DisableRollback"))
        else:
            table.check_updatable(stack)
        found.execution = "EXECUTE_COMPLETE"
        stack.change_sets = {found.arn: found}
        if found.kind == "CREATE":
            begin_create(region, stack, found.built, found.desired)
        else:
            begin_update(region, stack, found.built, found.desired, token)
    return {}


def delete(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Forget a change set."""
    stack, found = _find(region, request)
    with region.lock:
        stack.change_sets.pop(found.arn, None)
    return {}


def listing(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the change sets of a stack."""
    name = request["StackName"]
    stack = table.find(region, name, f"Stack [{name}] does not exist")
    summaries = [_summary(stack, found) for found in stack.change_sets.values()]
    return page(request, summaries, "Summaries")


OPERATIONS = {
    "CreateChangeSet": create,
    "DescribeChangeSet": describe,
    "ExecuteChangeSet": execute,
    "DeleteChangeSet": delete,
    "ListChangeSets": listing,
}
