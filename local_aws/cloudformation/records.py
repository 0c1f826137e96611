"""What is kept of a stack: its resources as they are, its events, its change sets."""

import secrets
import string
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_RANDOM_LETTERS = 12
Properties = dict[str, Any]


def now() -> datetime:
    """Return the time, as events carry it."""
    return datetime.now(UTC)


def generated_name(stack: str, logical_id: str, most: int) -> str:
    """Return a name that CloudFormation gives to a resource without one, no longer than that."""
    letters = string.ascii_letters + string.digits
    random = "".join(secrets.choice(letters) for _ in range(_RANDOM_LETTERS))
    room = most - _RANDOM_LETTERS - 2
    logical = logical_id[: max(room // 2, room - len(stack))]
    return f"{stack[: room - len(logical)]}-{logical}-{random}"


@dataclass(frozen=True)
class Resource:
    """A resource of a stack as it was last made or changed; a change makes a new record."""

    logical_id: str
    kind: str
    physical_id: str
    properties: Properties
    attributes: dict[str, Any]
    depends_on: frozenset[str]
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    metadata: Any = None


@dataclass(frozen=True)
class Standing:
    """The status of a resource, and why."""

    kind: str
    physical_id: str
    status: str
    reason: str
    time: datetime


@dataclass(frozen=True)
class Request:
    """What a stack is made from: template and what was given beside it."""

    body: str  # of the template, as it was sent
    template: dict[str, Any]  # with its macros expanded
    parameters: dict[str, str]  # as given or by default, still text
    shown_parameters: list[dict[str, Any]]
    tags: dict[str, str]
    capabilities: list[str]


@dataclass
class Stack:
    """A stack, changed under the region's lock."""

    name: str
    stack_id: str
    status: str
    reason: str = ""
    created: datetime = field(default_factory=now)
    updated: datetime | None = None
    deleted: datetime | None = None
    request: Request | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    change_sets: dict[str, Any] = field(default_factory=dict)  # id -> changesets.ChangeSet
    disable_rollback: bool = False
    on_failure: str = "ROLLBACK"
    token: str | None = None

    @property
    def in_progress(self) -> bool:
        """Tell whether an operation works on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def set_status(self, status: str, reason: str = "") -> None:
        """Change the status, and tell of it in the events."""
        self.status, self.reason = status, reason
        self.add_event(self.name, self.stack_id, "AWS::CloudFormation::Stack", status, reason)

    def add_event(
        self, logical_id: str, physical_id: str, kind: str, status: str, reason: str
    ) -> None:
        """Add one event."""
        event = {
            "StackId": self.stack_id,
            "EventId": f"{logical_id}-{status}-{uuid.uuid4()}",
            "StackName": self.name,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "Timestamp": now(),
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        if self.token:
            event["ClientRequestToken"] = self.token
        self.events.append(event)

    def stand(self, resource: Resource, status: str, reason: str = "") -> None:
        """Change how a resource stands, and tell of it in the events."""
        logical_id, physical_id = resource.logical_id, resource.physical_id
        self.standings[logical_id] = Standing(resource.kind, physical_id, status, reason, now())
        self.add_event(logical_id, physical_id, resource.kind, status, reason)
