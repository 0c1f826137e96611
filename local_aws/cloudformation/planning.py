"""The changes that an update would make, found before anything is touched."""

from collections.abc import Mapping
from typing import Any

from local_aws.cloudformation import schemas
from local_aws.cloudformation.desired_state import DesiredState, Lookup, lookup
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.records import Resource, Stack

Change = dict[str, Any]  # a ResourceChange of DescribeChangeSet


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
        if change.get("Replacement") != "False":
            new_ids.add(logical_id)
        changes.append(change)
    removed = [item for name, item in stack.resources.items() if name not in desired.present]
    return changes + [
        _described("Remove", item.logical_id, item.kind, PhysicalResourceId=item.physical_id)
        for item in removed
    ]


def _change(
    old: Resource | None, desired: DesiredState, logical_id: str, of_resource: Lookup
) -> Change | None:
    kind = desired.definition(logical_id)["Type"]
    if old is None:
        return _described("Add", logical_id, kind)
    if old.kind != kind:
        raise StackError(
            f"Update of resource type is not permitted. The new template modifies resource type "
            f"of the following resources: [{logical_id}]"
        )
    try:
        new = desired.unchecked(logical_id, of_resource)
        names = schemas.changed_names(old.properties, new)
        is_replaced = schemas.needs_replacement(kind, old.properties, new)
    except ResourceFailure:  # a missing attribute, which the update itself reports
        names, is_replaced = ["Properties"], False
    if not names:
        return None
    recreation = "Always" if is_replaced else "Never"
    details = [
        {
            "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in names
    ]
    return _described(
        "Modify",
        logical_id,
        kind,
        PhysicalResourceId=old.physical_id,
        Replacement=str(is_replaced),
        Scope=["Properties"],
        Details=details,
    )


def _described(action: str, logical_id: str, kind: str, **members: Any) -> Change:
    return {
        "Action": action,
        "LogicalResourceId": logical_id,
        "ResourceType": kind,
        "Scope": [],
        "Details": [],
        **members,
    }


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
