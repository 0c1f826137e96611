"""The interface of a resource type: a few functions over boto3 calls to this local AWS."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from local_aws.cloud import client_of_role
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.records import Properties, Region, Resource, Stack

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Context:
    """The resource and the stack that a provider works on."""

    region: Region
    stack: Stack
    resource: Resource

    def client(self, service: str) -> Any:
        """Return a boto3 client of this local AWS, with the role of the stack if it has one."""
        if not self.stack.role:
            return self.region.client(service)
        settings, region = self.region.settings, self.region.name
        return client_of_role(service, settings, region, self.stack.role, "AWSCloudFormation")

    def name(self, explicit: str | None, max_length: int = 64) -> str:
        """Return the name that the template sets, or the kind that CloudFormation generates."""
        if explicit:
            return explicit
        random = "".join(secrets.choice(_LETTERS) for _ in range(12))
        room = max_length - len(random) - 2
        stack, logical_id = self.stack.name, self.resource.logical_id
        logical_id = logical_id[: max(room // 2, room - len(stack))]
        return f"{stack[: room - len(logical_id)]}-{logical_id}-{random}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this account and region."""
        return f"arn:aws:{service}:{self.region.name}:{self.region.settings.account_id}:{resource}"


@dataclass(frozen=True)
class Provider:
    """How a resource type is created, changed, deleted, and described.

    `apply` does what follows creation (then `old` is empty) and every change in place, and returns
    once the resource is ready. A type without `apply` changes by replacement only.
    """

    create: Callable[[Context, Properties], str]
    delete: Callable[[Context, str, Properties], Any]
    # Any other property fails the resource; without a set, the service itself refuses others.
    properties: frozenset[str] | None = None
    attributes: Callable[[Context, str, Properties], dict[str, Any]] = lambda *_: {}
    apply: Callable[[Context, str, Properties, Properties], None] | None = None
    # The error codes which mean that the resource no longer exists.
    missing: tuple[str, ...] = ("ResourceNotFoundException",)


def only(place: str, value: Mapping[str, Any], *names: str) -> None:
    """Raise ResourceFailure if a value has any other key, which would be ignored silently."""
    refuse(place, set(value) - set(names))


def refuse(place: str, names: set[str]) -> None:
    """Raise ResourceFailure if there is any name."""
    if names:
        raise ResourceFailure(
            f"The local AWS does not reproduce {', '.join(sorted(names))} of {place}."
        )


def tag_map(tags: Any) -> dict[str, str]:
    """Return tags, a list or a map, as a map."""
    if isinstance(tags, dict):
        return tags
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a map of tags as a list."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def change_tags(
    client: Any,
    target: Mapping[str, str],
    old: Properties,
    new: Properties,
    operations: tuple[str, str] = ("TagResource", "UntagResource"),
) -> None:
    """Set the tags of a resource that are new or different, and remove those that are gone."""
    before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
    gone = sorted(before.keys() - after.keys())
    different = {key: value for key, value in after.items() if before.get(key) != value}
    changes: dict[str, Any] = dict(zip(operations, (different, gone), strict=True))
    for operation, tags in changes.items():
        if tags:
            shape = client.meta.service_model.operation_model(operation).input_shape
            ((name, member),) = (item for item in shape.members.items() if item[0] not in target)
            is_list = member.type_name == "list" and isinstance(tags, dict)
            value = tag_list(tags) if is_list else tags
            getattr(client, xform_name(operation))(**target, **{name: value})
