"""The desired state of one stack: its template with parameters and conditions resolved.

The changes from the current state to the desired one are found before anything is touched.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local_aws.cloudformation import references, schemas, table
from local_aws.cloudformation.errors import ResourceFailure, StackError, template_error
from local_aws.cloudformation.intrinsics import Resolver, as_text
from local_aws.cloudformation.parameters import check_rules
from local_aws.cloudformation.providers import PROVIDERS
from local_aws.cloudformation.records import (
    Outputs,
    Properties,
    Region,
    Resource,
    Stack,
    StackRequest,
)
from local_aws.errors import not_reproduced

Lookup = Callable[[str, str | None], Any]
Change = dict[str, Any]  # a ResourceChange of DescribeChangeSet


@dataclass(frozen=True)
class DesiredState:
    """The resources whose conditions hold, in the order of their creation."""

    request: StackRequest
    present: set[str]
    needs: dict[str, frozenset[str]]
    order: list[str]
    exports: Mapping[str, str]  # of all stacks
    imports: frozenset[str]  # the exports that the template imports

    def definition(self, logical_id: str) -> dict[str, Any]:
        """Return a resource of the template."""
        return dict(self.request.template["Resources"][logical_id])

    def resolver(self, of_resource: Lookup | None) -> Resolver:
        """Return the resolver of the template's intrinsic functions."""
        return replace(_resolver(self.request), of_resource=of_resource, exports=self.exports)

    def properties(self, logical_id: str, of_resource: Lookup) -> Properties:
        """Return the properties of a resource, resolved, typed, and with the stack's tags."""
        properties = self.unchecked(logical_id, of_resource)
        schemas.check(self.definition(logical_id)["Type"], logical_id, properties)
        return properties

    def unchecked(self, logical_id: str, of_resource: Lookup) -> Properties:
        """Return the same without the check of the schema, for values that are not final yet."""
        kind = self.definition(logical_id)["Type"]
        typed = schemas.typed(kind, self.section("Properties", logical_id, of_resource))
        return _tagged(kind, typed, self.request.tags)

    def section(self, name: str, logical_id: str, of_resource: Lookup) -> Properties:
        """Return a resolved part of a resource; raise ResourceFailure unless it is a map."""
        value = self.resolver(of_resource).resolve(self.definition(logical_id).get(name, {}))
        if not isinstance(value, dict):
            raise ResourceFailure(f"{name} of resource {logical_id} is not a map.")
        return value

    def outputs(self, of_resource: Lookup) -> Outputs:
        """Return the outputs in the form of DescribeStacks."""
        resolver = self.resolver(of_resource)
        outputs = []
        for name, output in self.request.template.get("Outputs", {}).items():
            if "Condition" in output and not resolver.condition(output["Condition"]):
                continue
            item = {"OutputKey": name, "OutputValue": as_text(resolver.resolve(output["Value"]))}
            if "Description" in output:
                item["Description"] = output["Description"]
            if "Export" in output:
                item["ExportName"] = as_text(resolver.resolve(output["Export"]["Name"]))
            outputs.append(item)
        return outputs


def _resolver(request: StackRequest) -> Resolver:
    template = request.template
    return Resolver(request.values, template.get("Mappings", {}), template.get("Conditions", {}))


def desired_state(region: Region, request: StackRequest) -> DesiredState:
    """Resolve a template; raise StackError if it has missing or circular references."""
    template, conditions = request.template, _resolver(request)
    references.check_references(template, request.values)
    for name in template.get("Conditions", {}):
        conditions.condition(name)
    check_rules(template.get("Rules", {}), conditions)
    present = {
        logical_id
        for logical_id, resource in template["Resources"].items()
        if "Condition" not in resource or conditions.condition(resource["Condition"])
    }
    check_types(template, present)
    needs = {
        logical_id: references.dependencies(logical_id, template, present, conditions)
        for logical_id in template["Resources"]
        if logical_id in present
    }
    order = references.in_order(needs)
    exports = table.exported(region)
    imports = _imports(template, present, replace(conditions, exports=exports))
    return DesiredState(request, present, needs, order, exports, imports)


def _imports(template: Mapping[str, Any], present: set[str], resolver: Resolver) -> frozenset[str]:
    """Return the exports that a template imports; raise ExportNotFound for a missing one."""
    parts = [template["Resources"][name].get("Properties", {}) for name in sorted(present)]
    names = frozenset(references.imports([*parts, template.get("Outputs", {})], resolver))
    for name in sorted(names):
        resolver.import_value(name)
    return names


def check_types(template: Mapping[str, Any], present: Iterable[str]) -> None:
    """Raise StackError naming the resource types that AWS or the local AWS does not have.

    A type that only the local AWS lacks is allowed if the resource's condition is false.
    """
    types = {name: resource["Type"] for name, resource in template["Resources"].items()}
    unknown = sorted({kind for kind in types.values() if not schemas.is_known(kind)})
    if unknown:
        raise template_error(f"Unrecognized resource types: [{', '.join(unknown)}]")
    refused = sorted({types[name] for name in present} - PROVIDERS.keys())
    if refused:
        raise not_reproduced(f"the resource types [{', '.join(refused)}]")


def lookup(resources: Mapping[str, Resource]) -> Lookup:
    """Return a function that gives the values of Ref and Fn::GetAtt for existing resources."""

    def of_resource(logical_id: str, attribute: str | None) -> Any:
        if logical_id not in resources:
            raise template_error(
                f"Unresolved resource dependencies [{logical_id}] in the Resources block of the "
                "template"
            )
        resource = resources[logical_id]
        if attribute is None:
            return resource.physical_id
        if attribute not in resource.attributes:
            raise ResourceFailure(
                f"Template error: resource {logical_id} does not support attribute type "
                f"{attribute} in Fn::GetAtt"
            )
        return resource.attributes[attribute]

    return of_resource


def _tagged(kind: str, properties: Properties, tags: Mapping[str, str]) -> Properties:
    """Add the stack's tags to a resource that takes tags, as CloudFormation does."""
    place = schemas.tag_property(kind) if tags else None
    if place is None:
        return properties
    name, is_map = place
    own: Any = properties.get(name, {} if is_map else [])
    if is_map and isinstance(own, dict):
        return {**properties, name: {**tags, **own}}
    if is_map or not isinstance(own, list):
        return properties  # which the schema refuses
    keys = [tag.get("Key") for tag in own if isinstance(tag, dict)]
    inherited = [{"Key": key, "Value": value} for key, value in tags.items() if key not in keys]
    return {**properties, name: [*own, *inherited]}


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
