"""Read the text of a template, JSON or YAML with its short forms, and check its frame."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from local_aws.cloudformation.errors import StackError, template_error

_SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings",
    "Conditions", "Transform", "Resources", "Outputs", "Hooks", "Globals",
}  # fmt: skip
_REFUSED_SECTIONS = ("Rules", "Hooks")
_FORMAT_VERSION = "2010-09-09"
_RESOURCE_KEYS = {
    "Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy",
    "Metadata", "CreationPolicy", "UpdatePolicy", "Description",
}  # fmt: skip
_REFUSED_KEYS = ("CreationPolicy", "UpdatePolicy")
_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Delete", "Retain"),
}
Template = dict[str, Any]


def read_template(body: str) -> Template:
    """Return the template of a text; raise StackError if it is none."""
    try:
        template = json.loads(body) if body.lstrip().startswith("{") else _read_yaml(body)
    except (ValueError, RecursionError) as error:
        raise template_error(f"JSON not well-formed. ({error})") from error
    if not isinstance(template, dict):
        raise template_error("unsupported structure.")
    return template


def read_fragment(body: str) -> Any:
    """Return what the text of an included file holds."""
    try:
        return json.loads(body) if body.lstrip().startswith(("{", "[")) else _read_yaml(body)
    except (ValueError, RecursionError) as error:
        raise template_error(f"JSON not well-formed. ({error})") from error


def _read_yaml(body: str) -> Any:
    # cfn-lint takes half a second to import, and templates are rare.
    from cfnlint.decode import cfn_yaml
    from cfnlint.decode.cfn_yaml import CfnParseError
    from yaml import AliasToken, YAMLError, scan

    try:
        if any(isinstance(token, AliasToken) for token in scan(body)):
            raise StackError(
                "Template error: YAML aliases are not allowed in CloudFormation templates"
            )
        return plain(cfn_yaml.loads(body))
    except CfnParseError as error:
        raise template_error(f"YAML not well-formed. ({error.matches[0].message})") from error
    except (YAMLError, RecursionError) as error:
        raise template_error(f"YAML not well-formed. ({error})") from error


def plain(value: Any) -> Any:
    """Return a value without the positions that the reader hung on it, and dates as their text."""
    if isinstance(value, dict):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, date):  # 2012-10-17 without quotes
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _key(key: Any) -> str:
    """Return a key as text; YAML reads an unquoted 200 as a number."""
    return key.isoformat() if isinstance(key, date) else str(key)


def check_frame(template: Template) -> None:
    """Raise StackError unless sections and resources are such as a template has."""
    unknown = [name for name in template if name not in _SECTIONS]
    if unknown:
        raise StackError(f"Invalid template property or properties [{', '.join(unknown)}]")
    for name in _REFUSED_SECTIONS:
        if name in template:
            raise StackError(f"The local AWS does not reproduce the section {name} of a template.")
    if template.get("AWSTemplateFormatVersion", _FORMAT_VERSION) != _FORMAT_VERSION:
        raise template_error(
            f"AWSTemplateFormatVersion must be {_FORMAT_VERSION}, "
            f"got {template['AWSTemplateFormatVersion']!r}."
        )
    for name in _SECTIONS & template.keys() - {
        "AWSTemplateFormatVersion", "Description", "Transform",
    }:  # fmt: skip
        if not isinstance(template[name], dict):
            raise template_error(f"The section {name} is no map.")
    if not template.get("Resources"):
        raise template_error("At least one Resources member must be defined.")
    for logical_id, resource in template["Resources"].items():
        _check_resource(logical_id, resource)
    for name in template.get("Outputs", {}):
        _check_output(name, template["Outputs"][name])


def _check_resource(logical_id: str, resource: Any) -> None:
    if not (logical_id.isascii() and logical_id.isalnum()):
        raise template_error(f"Resource name {logical_id} is non alphanumeric.")
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise template_error(
            f"[/Resources/{logical_id}] Every Resources object must contain a Type member."
        )
    for key in resource:
        if key not in _RESOURCE_KEYS:
            raise StackError(f"Invalid template resource property '{key}'")
        if key in _REFUSED_KEYS:
            raise StackError(f"The local AWS does not reproduce {key} (resource {logical_id}).")
    if not isinstance(resource.get("Properties", {}), dict):
        raise template_error(f"[/Resources/{logical_id}/Properties] is no map.")
    if not all(isinstance(name, str) for name in depends_on(resource)):
        raise template_error(
            f"[/Resources/{logical_id}/DependsOn] must be a string or a list of them"
        )
    _check_condition(f"Resources/{logical_id}", resource)
    for key, allowed in _POLICIES.items():
        if resource.get(key, "Delete") not in allowed:
            raise StackError(
                f"The local AWS does not reproduce the {key} {resource[key]!r} of {logical_id}; "
                f"it knows {', '.join(allowed)}."
            )


def _check_condition(place: str, part: dict[str, Any]) -> None:
    if not isinstance(part.get("Condition", ""), str):
        raise template_error(f"[/{place}/Condition] must be the name of a condition.")


def _check_output(name: str, output: Any) -> None:
    if not isinstance(output, dict) or "Value" not in output:
        raise template_error(f"Every Outputs member must contain a Value object ({name}).")
    if "Export" in output:
        raise StackError(f"The local AWS does not reproduce Export (output {name}).")
    _check_condition(f"Outputs/{name}", output)
    unknown = output.keys() - {"Value", "Description", "Condition"}
    if unknown:
        raise template_error(f"Output {name} has {sorted(unknown)}, which no output has.")


def depends_on(resource: dict[str, Any]) -> list[str]:
    """Return the DependsOn of a resource as a list."""
    given = resource.get("DependsOn", [])
    return given if isinstance(given, list) else [given]


def check_no_null(template: Template) -> None:
    """Raise StackError if anything is null."""
    if any(value is None for value in walk(template)):
        raise template_error("'null' values are not allowed in templates.")


def walk(value: Any) -> Iterator[Any]:
    """Yield a value and everything inside it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from walk(item)
