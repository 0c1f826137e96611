"""The records of a stack: its current resources, its events, its change sets."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_aws import cloud
from local_aws.records import now

Properties = dict[str, Any]
Outputs = list[dict[str, str]]  # in the form of DescribeStacks


@dataclass(frozen=True)
class Resource:
    """A resource of a stack after its last change; each change makes a new record."""

    logical_id: str
    kind: str
    physical_id: str = ""
    properties: Properties = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    depends_on: frozenset[str] = frozenset()
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    update_policy: Properties = field(default_factory=dict)  # resolved


@dataclass(frozen=True)
class StackRequest:
    """The content of a request to create or change a stack."""

    body: str  # the template as it was sent
    template: dict[str, Any]  # with its macros expanded
    parameters: dict[str, str]  # with defaults; still text
    values: dict[str, Any]  # of Ref for the parameters and the pseudo parameters
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
    request: StackRequest | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: Outputs = field(default_factory=list)
    imports: frozenset[str] = frozenset()  # the exports of other stacks that it uses
    role: str = ""  # ARN; CloudFormation works with the caller's permissions without one
    events: list[dict[str, Any]] = field(default_factory=list)
    change_sets: dict[str, Any] = field(default_factory=dict)  # ARN -> change_sets.ChangeSet
    on_failure: str = "ROLLBACK"  # or DELETE, or DO_NOTHING
    deletes_new: bool = False  # in a rollback, also what has the policy Retain
    token: str | None = None
    protected: bool = False  # against deletion

    @property
    def in_progress(self) -> bool:
        """Return whether an operation is running."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def set_status(self, status: str, reason: str = "") -> None:
        """Change the status and add an event."""
        self.status, self.reason = status, reason
        self._add_event(self.name, self.stack_id, "AWS::CloudFormation::Stack", status, reason)

    def set_resource_status(self, resource: Resource, status: str, reason: str = "") -> None:
        """Change the status of a resource, which is that of its last event."""
        self._add_event(resource.logical_id, resource.physical_id, resource.kind, status, reason)

    def last_events(self) -> dict[str, dict[str, Any]]:
        """Return the last event of every resource, of its current version if it has one."""
        last = {}
        for event in self.events:
            name, physical_id = event["LogicalResourceId"], event["PhysicalResourceId"]
            current = self.resources.get(name)
            is_current = current is None or current.physical_id == physical_id
            if physical_id != self.stack_id and is_current:
                last[name] = event
        return last

    def _add_event(
        self, logical_id: str, physical_id: str, kind: str, status: str, reason: str
    ) -> None:
        event = {
            "StackId": self.stack_id,
            "EventId": f"{logical_id}-{status}-{uuid.uuid4()}",
            "StackName": self.name,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "Timestamp": now(),
            "ResourceStatus": status,
            "ResourceStatusReason": reason or None,
            "ClientRequestToken": self.token or None,
        }
        self.events.append(event)


@dataclass
class Region(cloud.Region):
    """CloudFormation in one region."""

    stacks: dict[str, Stack] = field(default_factory=dict)  # by id
    # The groups of CodeDeploy, by application and name, and its configurations.
    deployment_groups: dict[tuple[str, str], Properties] = field(default_factory=dict)
    deployment_configs: dict[str, Properties] = field(default_factory=dict)
