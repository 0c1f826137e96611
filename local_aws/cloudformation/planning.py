"""What an update would change: found on resolved properties, before anything is touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.cloudformation import schemas
from local_aws.cloudformation.desired import Desired, Lookup, lookup
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.records import Resource, Stack

_LATER = "{{known once %s is made}}"


@dataclass(frozen=True)
class Change:
    """One resource that an update adds, changes or takes away."""

    action: str  # Add, Modify or Remove
    logical_id: str
    kind: str
    physical_id: str = ""
    replacement: str = ""  # of a Modify: True or False
    names: tuple[str, ...] = ()  # the properties that differ


def plan(stack: Stack, desired: Desired) -> list[Change]:
    """Return the changes that an update to the desired state makes."""
    made_anew: set[str] = set()
    known = _with_unknown(stack.resources, desired.present, made_anew)
    changes: list[Change] = []
    for logical_id in desired.order:
        change = _change(stack.resources.get(logical_id), desired, logical_id, known)
        if change is None:
            continue
        if change.action == "Add" or change.replacement == "True":
            made_anew.add(logical_id)
        changes.append(change)
    removed = [item for name, item in stack.resources.items() if name not in desired.present]
    return changes + [
        Change("Remove", item.logical_id, item.kind, item.physical_id) for item in removed
    ]


def _change(
    old: Resource | None, desired: Desired, logical_id: str, known: Lookup
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
        new = desired.expected(logical_id, known)
    except ResourceFailure:
        # It asks for an attribute that there is not; the update itself will tell.
        return Change("Modify", logical_id, kind, old.physical_id, "False", ("Properties",))
    names = schemas.changed_names(old.properties, new)
    replacement = schemas.needs_replacement(kind, old.properties, new)
    if names:
        return Change("Modify", logical_id, kind, old.physical_id, str(replacement), tuple(names))
    return None


def _with_unknown(
    resources: Mapping[str, Resource], present: set[str], made_anew: set[str]
) -> Lookup:
    as_it_is = lookup(resources)

    def of_resource(logical_id: str, attribute: str | None) -> Any:
        if logical_id in made_anew and logical_id in present:
            return _LATER % logical_id
        return as_it_is(logical_id, attribute)

    return of_resource


def is_nothing(stack: Stack, desired: Desired, changes: list[Change]) -> bool:
    """Tell whether an update would leave everything as it is."""
    if changes or stack.request is None or stack.request.tags != desired.tags:
        return False
    old, new = stack.request.template, desired.template
    if old.get("Outputs") != new.get("Outputs"):
        return False
    if any(_told(old, name) != _told(new, name) for name in desired.present):
        return False
    return stack.outputs == desired.outputs(lookup(stack.resources))


def _told(template: Mapping[str, Any], logical_id: str) -> list[Any]:
    resource = template["Resources"].get(logical_id, {})
    return [resource.get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy", "Metadata")]
