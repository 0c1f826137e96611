"""The changes that an update would make, found before anything is touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.cloudformation import schemas
from local_aws.cloudformation.desired_state import DesiredState, Lookup, lookup
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.records import Resource, Stack


@dataclass(frozen=True)
class Change:
    """One resource that an update adds, modifies, or removes."""

    action: str  # Add, Modify or Remove
    logical_id: str
    kind: str
    physical_id: str = ""
    replacement: str = ""  # of a Modify: True or False
    names: tuple[str, ...] = ()  # the properties that differ


def plan(stack: Stack, desired: DesiredState) -> list[Change]:
    """Return the changes from a stack's current state to the desired one."""
    new_ids: set[str] = set()  # resources whose physical ids are not known yet
    current = lookup(stack.resources)

    def of_resource(logical_id: str, attribute: str | None) -> Any:
        if logical_id in new_ids:
            return "{{changeSet:KNOWN_AFTER_APPLY}}"
        return current(logical_id, attribute)

    changes: list[Change] = []
    for logical_id in desired.order:
        change = _change(stack.resources.get(logical_id), desired, logical_id, of_resource)
        if change is None:
            continue
        if change.action == "Add" or change.replacement == "True":
            new_ids.add(logical_id)
        changes.append(change)
    removed = [item for name, item in stack.resources.items() if name not in desired.present]
    return changes + [
        Change("Remove", item.logical_id, item.kind, item.physical_id) for item in removed
    ]


def _change(
    old: Resource | None, desired: DesiredState, logical_id: str, of_resource: Lookup
) -> Change | None:
    kind = desired.definition(logical_id)["Type"]
    if old is None:
        return Change("Add", logical_id, kind)
    if old.kind != kind:
        raise StackError(
            f"Update of resource type is not permitted. The new template modifies resource type "
            f"of the following resources: [{logical_id}]"
        )
    try:
        new = desired.unchecked(logical_id, of_resource)
    except ResourceFailure:  # a missing attribute, which the update itself reports
        return Change("Modify", logical_id, kind, old.physical_id, "False", ("Properties",))
    names = schemas.changed_names(old.properties, new)
    if not names:
        return None
    replacement = str(schemas.needs_replacement(kind, old.properties, new))
    return Change("Modify", logical_id, kind, old.physical_id, replacement, tuple(names))


def is_unchanged(stack: Stack, desired: DesiredState, changes: list[Change]) -> bool:
    """Return whether an update would leave everything as it is."""
    if changes or stack.request is None or stack.request.tags != desired.request.tags:
        return False
    old, new = stack.request.template, desired.request.template
    if old.get("Outputs") != new.get("Outputs"):
        return False
    if any(_attributes(old, name) != _attributes(new, name) for name in desired.present):
        return False
    return stack.outputs == desired.outputs(lookup(stack.resources))


def _attributes(template: Mapping[str, Any], logical_id: str) -> list[Any]:
    resource = template["Resources"].get(logical_id, {})
    return [resource.get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy", "Metadata")]
