"""Read a template, JSON or YAML with its short forms, and check its structure."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from local_aws.cloudformation.errors import StackError, template_error
from local_aws.errors import not_reproduced

_MAPS = {
    "Metadata", "Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Globals", "Rules",
}  # fmt: skip
_SECTIONS = {"AWSTemplateFormatVersion", "Description", "Transform", "Hooks", *_MAPS}
_FORMAT_VERSION = "2010-09-09"
_REFUSED_KEYS = ("CreationPolicy", "UpdatePolicy")
_RESOURCE_KEYS = {
    "Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy",
    "Metadata", "Description", *_REFUSED_KEYS,
}  # fmt: skip
_ALIAS_UPDATE = "CodeDeployLambdaAliasUpdate"
_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Delete", "Retain"),
}
Template = dict[str, Any]


def read_template(body: str) -> Template:
    """Return the template in a text; raise StackError if it is malformed."""
    template = parse(body)
    if not isinstance(template, dict):
        raise template_error("unsupported structure.")
    if any(value is None for value in walk(template)):
        raise template_error("'null' values are not allowed in templates.")
    return template


def parse(body: str) -> Any:
    """Return the content of a text in JSON or YAML."""
    try:
        return json.loads(body) if body.lstrip().startswith(("{", "[")) else _parse_yaml(body)
    except (ValueError, RecursionError) as error:
        raise template_error(f"JSON not well-formed. ({error})") from error


def _parse_yaml(body: str) -> Any:
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
    """Return a value without the parser's positions, with dates and keys as text."""
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, date):  # 2012-10-17 without quotes
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def check_structure(template: Template) -> None:
    """Raise StackError unless the sections and resources have the structure of a template."""
    unknown = [name for name in template if name not in _SECTIONS]
    if unknown:
        raise StackError(f"Invalid template property or properties [{', '.join(unknown)}]")
    if "Hooks" in template:
        raise not_reproduced("the section Hooks of a template")
    version = template.get("AWSTemplateFormatVersion", _FORMAT_VERSION)
    if version != _FORMAT_VERSION:
        raise template_error(
            f"AWSTemplateFormatVersion must be {_FORMAT_VERSION}, got {version!r}."
        )
    for name in _MAPS & template.keys():
        if not isinstance(template[name], dict):
            raise template_error(f"The section {name} is not a map.")
    if not template.get("Resources"):
        raise template_error("At least one Resources member must be defined.")
    for section, check in _CHECKS.items():
        for name, part in template.get(section, {}).items():
            if not (name.isascii() and name.isalnum()):
                raise template_error(f"{section[:-1]} name {name} is non alphanumeric.")
            check(name, part)


def _check_resource(logical_id: str, resource: Any) -> None:
    place = f"/Resources/{logical_id}"
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise template_error(f"[{place}] Every Resources object must contain a Type member.")
    for key in resource:
        if key not in _RESOURCE_KEYS:
            raise StackError(f"Invalid template resource property '{key}'")
        if key in _REFUSED_KEYS and not _is_alias_update(key, resource):
            raise not_reproduced(f"{key} (resource {logical_id})")
    if not isinstance(resource.get("Properties", {}), dict):
        raise template_error(f"[{place}/Properties] is not a map.")
    if not all(isinstance(name, str) for name in depends_on(resource)):
        raise template_error(f"[{place}/DependsOn] must be a string or a list of strings")
    _check_condition(place, resource)
    for key, allowed in _POLICIES.items():
        if resource.get(key, "Delete") not in allowed:
            raise StackError(
                f"The local AWS does not reproduce the {key} {resource[key]!r} of {logical_id}; "
                f"expected one of {', '.join(allowed)}."
            )


def _is_alias_update(key: str, resource: dict[str, Any]) -> bool:
    """Return whether a key is the policy under which CodeDeploy moves an alias."""
    policy = resource[key] if key == "UpdatePolicy" else None
    is_alias = resource["Type"] == "AWS::Lambda::Alias"
    return is_alias and isinstance(policy, dict) and policy.keys() == {_ALIAS_UPDATE}


def _check_condition(place: str, part: dict[str, Any]) -> None:
    if not isinstance(part.get("Condition", ""), str):
        raise template_error(f"[{place}/Condition] must be the name of a condition.")


def _check_output(name: str, output: Any) -> None:
    if not isinstance(output, dict) or "Value" not in output:
        raise template_error(f"Every Outputs member must contain a Value object ({name}).")
    export = output.get("Export", {"Name": name})
    if not isinstance(export, dict) or export.keys() != {"Name"}:
        raise template_error(f"The Export of output {name} must be a map with a Name only.")
    _check_condition(f"/Outputs/{name}", output)
    unknown = output.keys() - {"Value", "Description", "Condition", "Export"}
    if unknown:
        raise template_error(f"Output {name} has the unknown members {sorted(unknown)}.")


def _check_rule(name: str, rule: Any) -> None:
    place = f"/Rules/{name}"
    if not isinstance(rule, dict) or not rule.keys() <= {"RuleCondition", "Assertions"}:
        raise template_error(f"[{place}] must have Assertions, and may have a RuleCondition.")
    assertions = rule.get("Assertions")
    if not isinstance(assertions, list) or not all(
        isinstance(item, dict) and "Assert" in item for item in assertions
    ):
        raise template_error(f"[{place}/Assertions] must be a list of objects with an Assert.")


_CHECKS = {"Resources": _check_resource, "Outputs": _check_output, "Rules": _check_rule}


def depends_on(resource: dict[str, Any]) -> list[str]:
    """Return the DependsOn of a resource as a list."""
    names = resource.get("DependsOn", [])
    return names if isinstance(names, list) else [names]


def walk(value: Any) -> Iterator[Any]:
    """Yield a value and everything inside it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from walk(item)
