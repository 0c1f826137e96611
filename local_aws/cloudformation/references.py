"""Which resources a value refers to, and the order that follows from it."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from local_aws.cloudformation.errors import StackError, template_error
from local_aws.cloudformation.intrinsics import VARIABLE, Resolver
from local_aws.cloudformation.template import Template, depends_on


def references(value: Any, resolver: Resolver | None = None) -> Iterator[str]:
    """Yield what Ref, Fn::GetAtt and Fn::Sub name in a value.

    With a resolver, only in the branches that its conditions take.
    """
    if isinstance(value, list):
        for item in value:
            yield from references(item, resolver)
    if not isinstance(value, dict):
        return
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Fn::If" and resolver is not None and _is_if(argument):
            taken = argument[1] if resolver.condition(argument[0]) else argument[2]
            yield from references(taken, resolver)
            return
        yield from _named(name, argument)
    for item in value.values():
        yield from references(item, resolver)


def _is_if(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 3


def _named(name: str, argument: Any) -> Iterator[str]:
    if name == "Ref" and isinstance(argument, str):
        yield argument
    elif name == "Fn::GetAtt":
        parts = argument.split(".") if isinstance(argument, str) else argument
        yield from filter(_is_text, parts[:1] if isinstance(parts, list) else [])
    elif name == "Fn::Sub":
        text, names = argument if _has_names(argument) else (argument, {})
        for found in VARIABLE.finditer(text if isinstance(text, str) else ""):
            variable = found[2].strip()
            if not found[1] and variable not in names:
                yield variable if variable.startswith("AWS::") else variable.split(".")[0]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _has_names(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict)


def check_references(template: Template, values: Mapping[str, Any]) -> None:
    """Raise StackError, worded as AWS words it, if something is named that is not there."""
    resources = template["Resources"]
    known = resources.keys() | values.keys() | {"AWS::NoValue"}
    for section in ("Resources", "Outputs"):
        found = {
            name
            for item in template.get(section, {}).values()
            for name in references(item)
            if name not in known
        }
        if section == "Resources":
            named = {name for item in resources.values() for name in depends_on(item)}
            found |= named - resources.keys()
        if found:
            raise template_error(
                f"Unresolved resource dependencies [{', '.join(sorted(found))}] in the {section} "
                "block of the template"
            )


def dependencies(
    logical_id: str, template: Template, present: set[str], resolver: Resolver
) -> frozenset[str]:
    """Return which of the resources present one resource needs before itself."""
    resource = template["Resources"][logical_id]
    named = set(references(resource.get("Properties", {}), resolver)) | set(depends_on(resource))
    return frozenset(named & present - ({logical_id} if logical_id not in named else set()))


def in_order(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the resources, each after those it needs; raise StackError if there is a circle."""
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = sorted(set(error.args[1]))
        raise StackError(f"Circular dependency between resources: [{', '.join(circle)}]") from error
