"""The stacks of a region: found by name or id, begun, and never worked on twice at once."""

import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

from local_aws.cloudformation.engine import run
from local_aws.cloudformation.errors import AlreadyExists, StackError
from local_aws.cloudformation.records import Stack
from local_aws.region import Region

_NAME = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,127}")
_GONE = "DELETE_COMPLETE"
_UPDATABLE = (
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
)  # fmt: skip


def find(region: Region, name_or_id: str, missing: str = "") -> Stack:
    """Return a stack by name, or by id even once it is deleted; raise StackError without one."""
    stack = find_or_none(region, name_or_id)
    if stack is None:
        raise StackError(missing or f"Stack with id {name_or_id} does not exist")
    return stack


def find_or_none(region: Region, name_or_id: str) -> Stack | None:
    """Return a stack, or None if there is none."""
    with region.lock:
        if name_or_id in region.stacks:
            found: Stack = region.stacks[name_or_id]
            return found
        living = (stack for stack in region.stacks.values() if stack.status != _GONE)
        return next((stack for stack in living if stack.name == name_or_id), None)


def blank(region: Region, name: str) -> Stack:
    """Return a stack that is not there yet, under a name as stacks have."""
    if _NAME.fullmatch(name) is None:
        raise StackError(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    account = region.settings.account_id
    arn = f"arn:aws:cloudformation:{region.name}:{account}:stack/{name}/{uuid.uuid4()}"
    return Stack(name, arn, "REVIEW_IN_PROGRESS")


def add(region: Region, stack: Stack) -> None:
    """Take a new stack up; raise AlreadyExists if its name is taken."""
    with region.lock:
        if find_or_none(region, stack.name) is not None:
            raise taken(stack)
        region.stacks[stack.stack_id] = stack


def taken(stack: Stack) -> AlreadyExists:
    """Return the error of a name that another stack has."""
    return AlreadyExists(f"Stack [{stack.name}] already exists")


def check_updatable(stack: Stack, verb: str = "updated") -> None:
    """Raise StackError unless the stack stands so that it can be changed."""
    if stack.status not in _UPDATABLE:
        raise StackError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not be {verb}."
        )


def start(stack: Stack, operation: Callable[..., None], *arguments: Any) -> None:
    """Carry an operation out in a thread of its own."""
    threading.Thread(target=run, args=(lambda: operation(*arguments), stack), daemon=True).start()
