"""The stacks of a region: find, add, and work on them, one operation per stack at a time.

Their exports are outputs that other stacks of the region import by name.
"""

import logging
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloudformation.errors import AlreadyExists, ResourceFailure, StackError
from local_aws.cloudformation.records import Outputs, Region, Stack

log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,127}")
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
_TABLES = ("stacks", "deployment_groups", "deployment_configs")
_STOPPED = "The local AWS was stopped while the stack was being changed."


def requested(region: Region, request: dict[str, Any]) -> Stack:
    """Return the stack that a request names; raise StackError if it does not exist."""
    name_or_id = request.get("StackName", "")
    stack = find_or_none(region, name_or_id)
    if stack is None:
        raise StackError(f"Stack with id {name_or_id} does not exist")
    return stack


def find_or_none(region: Region, name_or_id: str) -> Stack | None:
    """Return a stack by name, or by id even after its deletion, or None if it does not exist."""
    with region.lock:
        stacks: dict[str, Stack] = region.stacks
        existing = (
            stack
            for stack in stacks.values()
            if stack.name == name_or_id and stack.status != "DELETE_COMPLETE"
        )
        return stacks.get(name_or_id) or next(existing, None)


def blank(region: Region, name: str) -> Stack:
    """Return a new stack that is not in the table yet."""
    if _NAME.fullmatch(name) is None:
        raise StackError(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    account = region.settings.account_id
    arn = f"arn:aws:cloudformation:{region.name}:{account}:stack/{name}/{uuid.uuid4()}"
    return Stack(name, arn, "REVIEW_IN_PROGRESS")


def add(region: Region, stack: Stack) -> None:
    """Add a stack to the table; raise AlreadyExists if another one has its name."""
    with region.lock:
        existing = find_or_none(region, stack.name)
        if existing is not None and existing is not stack:
            raise already_exists(stack)
        region.stacks[stack.stack_id] = stack


def already_exists(stack: Stack) -> AlreadyExists:
    """Return the error for a name that is in use."""
    return AlreadyExists(f"Stack [{stack.name}] already exists")


def check_updatable(stack: Stack, verb: str = "updated") -> None:
    """Raise StackError unless the status of a stack allows a change."""
    if stack.status not in _UPDATABLE:
        raise StackError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not be {verb}."
        )


def start(stack: Stack, operation: Callable[[], None]) -> None:
    """Run an operation in a thread of its own."""
    threading.Thread(target=_run, args=(stack, operation), daemon=True).start()


def _run(stack: Stack, operation: Callable[[], None]) -> None:
    """Run an operation; a failure of the local AWS itself fails the stack."""
    try:
        operation()
    except Exception:
        log.exception("the work on the stack %s failed", stack.name)
        fail(stack, "The local AWS failed; see its log.")


def fail(stack: Stack, reason: str) -> None:
    """End the operation in progress on a stack; one that only cleans up has done its work."""
    operation = stack.status.removesuffix("_IN_PROGRESS")
    done = operation.removesuffix("_CLEANUP")
    stack.set_status(done if done != operation else f"{operation}_FAILED", reason)


def exports(region: Region) -> list[tuple[Stack, dict[str, str]]]:
    """Return the outputs of a region that have an export, each with its stack."""
    with region.lock:
        return [
            (stack, item)
            for stack in _existing(region)
            for item in stack.outputs
            if "ExportName" in item
        ]


def exported(region: Region) -> dict[str, str]:
    """Return the value of every export of a region by its name."""
    return {item["ExportName"]: item["OutputValue"] for _, item in exports(region)}


def set_outputs(region: Region, stack: Stack, outputs: Outputs) -> None:
    """Give a stack its outputs.

    Raise ResourceFailure if another stack exports one of the names, or if a changed or removed
    export is in use.
    """
    with region.lock:
        new = _by_name(outputs)
        for owner, item in exports(region):
            if item["ExportName"] in new and owner is not stack:
                raise ResourceFailure(
                    f"Export with name {item['ExportName']} is already exported by stack "
                    f"{owner.name}. "
                )
        for name, value in _by_name(stack.outputs).items():
            if new.get(name) != value:
                _check_unused(region, name, "updated" if name in new else "deleted")
        stack.outputs = outputs


def check_deletable(region: Region, stack: Stack) -> None:
    """Raise ResourceFailure if another stack imports an export of a stack."""
    for name in _by_name(stack.outputs):
        _check_unused(region, name, "deleted")


def _check_unused(region: Region, name: str, verb: str) -> None:
    if users := [stack.name for stack in _existing(region) if name in stack.imports]:
        raise ResourceFailure(
            f"Export {name} cannot be {verb} as it is in use by {' and '.join(users)}"
        )


def _by_name(outputs: Outputs) -> Mapping[str, str]:
    return {item["ExportName"]: item["OutputValue"] for item in outputs if "ExportName" in item}


def _existing(region: Region) -> list[Stack]:
    ended = ("DELETE_COMPLETE", "ROLLBACK_COMPLETE")
    return [stack for stack in region.stacks.values() if stack.status not in ended]


def saved(region: Region) -> dict[str, Any]:
    """Return the stacks of a region, and what their resources keep here."""
    with region.lock:
        return {name: dict(getattr(region, name)) for name in _TABLES}


def restore(region: Region, saved: dict[str, Any]) -> None:
    """Store the stacks of a region; those that were being changed have failed."""
    with region.lock:
        for name, records in saved.items():
            getattr(region, name).update(records)
        for stack in region.stacks.values():
            if stack.in_progress:
                fail(stack, _STOPPED)
