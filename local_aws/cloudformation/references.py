"""The references of a template, and the order of its resources that follows from them."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from local_aws.cloudformation.errors import StackError, template_error
from local_aws.cloudformation.intrinsics import VARIABLE, Resolver, as_text
from local_aws.cloudformation.template import Template, depends_on


def references(value: Any, resolver: Resolver | None = None) -> Iterator[str]:
    """Yield the names in Ref, Fn::GetAtt, and Fn::Sub."""
    for function, argument in _functions(value, resolver):
        yield from _names(function, argument)


def imports(value: Any, resolver: Resolver) -> Iterator[str]:
    """Yield the names of the exports that a part of a template imports."""
    for function, argument in _functions(value, resolver):
        if function == "Fn::ImportValue":
            yield as_text(resolver.resolve(argument))


def _functions(value: Any, resolver: Resolver | None) -> Iterator[tuple[str, Any]]:
    """Yield the key and the value of each map with one key, since it may be a function.

    With a resolver, only the branches that its conditions choose are searched.
    """
    if isinstance(value, list):
        for item in value:
            yield from _functions(item, resolver)
    if not isinstance(value, dict):
        return
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Fn::If" and resolver is not None and _is_list(argument, 3):
            branch = argument[1] if resolver.condition(argument[0]) else argument[2]
            yield from _functions(branch, resolver)
            return
        yield name, argument
    for item in value.values():
        yield from _functions(item, resolver)


def _is_list(argument: Any, length: int) -> bool:
    return isinstance(argument, list) and len(argument) == length


def _names(function: str, argument: Any) -> Iterator[str]:
    if function == "Ref" and isinstance(argument, str):
        yield argument
    elif function == "Fn::GetAtt":
        parts = argument.split(".") if isinstance(argument, str) else argument
        if isinstance(parts, list) and parts and isinstance(parts[0], str):
            yield parts[0]
    elif function == "Fn::Sub":
        with_map = _is_list(argument, 2) and isinstance(argument[1], dict)
        text, own = argument if with_map else (argument, {})
        for match in VARIABLE.finditer(text if isinstance(text, str) else ""):
            variable = match[2].strip()
            if not match[1] and variable not in own:
                yield variable if variable.startswith("AWS::") else variable.split(".")[0]


def check_references(template: Template, values: Mapping[str, Any]) -> None:
    """Raise StackError, in AWS's words, if a reference has no target."""
    resources = template["Resources"]
    known = resources.keys() | values.keys() | {"AWS::NoValue"}
    for section in ("Resources", "Outputs"):
        missing = {
            name
            for item in template.get(section, {}).values()
            for name in references(item)
            if name not in known
        }
        if section == "Resources":
            named = {name for item in resources.values() for name in depends_on(item)}
            missing |= named - resources.keys()
        if missing:
            raise template_error(
                f"Unresolved resource dependencies [{', '.join(sorted(missing))}] in the {section} "
                "block of the template"
            )


def dependencies(
    logical_id: str, template: Template, present: set[str], resolver: Resolver
) -> frozenset[str]:
    """Return the present resources that must exist before a resource."""
    resource = template["Resources"][logical_id]
    parts = [resource.get("Properties", {}), resource.get("UpdatePolicy", {})]
    names = set(references(parts, resolver)) | set(depends_on(resource))
    return frozenset(names & present)


def in_order(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """Return resources, each after its dependencies; raise StackError if they form a cycle."""
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = ", ".join(sorted(set(error.args[1])))
        raise StackError(f"Circular dependency between resources: [{cycle}]") from error
