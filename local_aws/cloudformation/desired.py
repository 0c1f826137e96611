"""What a template asks for in one stack: its parameters and conditions filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.cloudformation import references, schemas
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.intrinsics import Resolver, as_text
from local_aws.cloudformation.parameters import values
from local_aws.cloudformation.records import Properties, Request, Resource
from local_aws.region import Region

Lookup = Callable[[str, str | None], Any]


@dataclass(frozen=True)
class Desired:
    """The resources that the conditions leave, in the order in which they are made."""

    template: dict[str, Any]
    tags: dict[str, str]
    values: dict[str, Any]
    present: set[str]
    needs: dict[str, frozenset[str]]
    order: list[str]

    def definition(self, logical_id: str) -> dict[str, Any]:
        """Return a resource of the template."""
        found: dict[str, Any] = self.template["Resources"][logical_id]
        return found

    def resolver(self, of_resource: Lookup | None) -> Resolver:
        """Return what resolves the template's functions."""
        return Resolver(
            self.values,
            self.template.get("Mappings", {}),
            self.template.get("Conditions", {}),
            of_resource,
        )

    def properties(self, logical_id: str, of_resource: Lookup) -> Properties:
        """Return the properties of a resource, resolved, typed, and with the stack's tags."""
        found = self.expected(logical_id, of_resource)
        schemas.check(self.definition(logical_id)["Type"], logical_id, found)
        return found

    def expected(self, logical_id: str, of_resource: Lookup) -> Properties:
        """Return the same unchecked: what is not known yet need not look as it will."""
        definition = self.definition(logical_id)
        resolved = self.resolver(of_resource).resolve(definition.get("Properties", {}))
        typed = schemas.typed(definition["Type"], resolved)
        return _tagged(definition["Type"], typed, self.tags)

    def outputs(self, of_resource: Lookup) -> list[dict[str, str]]:
        """Return the outputs, as DescribeStacks shows them."""
        resolver = self.resolver(of_resource)
        found = []
        for name, output in self.template.get("Outputs", {}).items():
            if "Condition" in output and not resolver.condition(output["Condition"]):
                continue
            item = {"OutputKey": name, "OutputValue": as_text(resolver.resolve(output["Value"]))}
            if "Description" in output:
                item["Description"] = output["Description"]
            found.append(item)
        return found


def pseudo_values(region: Region, stack_name: str, stack_id: str) -> dict[str, Any]:
    """Return what the pseudo parameters stand for."""
    return {
        "AWS::AccountId": region.settings.account_id,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": region.name,
        "AWS::StackId": stack_id,
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def desire(region: Region, stack_name: str, stack_id: str, request: Request) -> Desired:
    """Fill a template in; raise StackError if it names what is not there, or in a circle."""
    template = request.template
    filled = {
        **pseudo_values(region, stack_name, stack_id),
        **values(template.get("Parameters", {}), request.parameters, stored_parameter(region)),
    }
    references.check_references(template, filled)
    check_types(template)
    conditions = Resolver(filled, template.get("Mappings", {}), template.get("Conditions", {}))
    for name in template.get("Conditions", {}):
        conditions.condition(name)
    present = {
        logical_id
        for logical_id, resource in template["Resources"].items()
        if "Condition" not in resource or conditions.condition(resource["Condition"])
    }
    needs = {
        logical_id: references.dependencies(logical_id, template, present, conditions)
        for logical_id in template["Resources"]
        if logical_id in present
    }
    order = references.in_order(needs)
    return Desired(template, request.tags, filled, present, needs, order)


def stored_parameter(region: Region) -> Callable[[str], str]:
    """Return what reads a value of the parameter store."""

    def read(name: str) -> str:
        ssm = region.client("ssm")
        try:
            return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound as error:
            raise StackError(
                f"Unable to fetch parameters [{name}] from parameter store for this account."
            ) from error

    return read


def check_types(template: Mapping[str, Any]) -> None:
    """Raise StackError naming the resource types that AWS does not have."""
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    unknown = sorted(kind for kind in kinds if schemas.find_schema(kind) is None)
    if unknown:
        raise StackError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
        )


def lookup(resources: Mapping[str, Resource]) -> Lookup:
    """Return what Ref and Fn::GetAtt give for the resources of a stack as they are."""

    def of_resource(logical_id: str, attribute: str | None) -> Any:
        if logical_id not in resources:
            raise StackError(
                "Template format error: Unresolved resource dependencies "
                f"[{logical_id}] in the Resources block of the template"
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
    """Add the stack's tags, as CloudFormation does, to a type that takes tags."""
    place = schemas.tag_property(kind) if tags else None
    if place is None:
        return properties
    name, is_map = place
    if is_map:
        return {**properties, name: {**tags, **properties.get(name, {})}}
    own = properties.get(name, [])
    keys = {tag["Key"] for tag in own}
    inherited = [{"Key": key, "Value": value} for key, value in tags.items() if key not in keys]
    return {**properties, name: [*own, *inherited]}
