"""The schemas of resource types: their properties, and which of them require replacement.

They are AWS's own, from CloudFormation's registry, which cfn-lint ships.
"""

import json
import re
from functools import cache
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.records import Properties

_REGION = "us-east-1"  # which has every type
_PREFIX = "/properties/"
# Java's classes of letters, digits, and spaces, which only occur in brackets, as Python's in JSON;
# \w also has "_".
_JAVA_CLASSES = {r"\\p{L}": r"\\w", r"\\p{N}": r"\\d", r"\\p{Z}": r"\\s"}


def is_known(kind: str) -> bool:
    """Return whether AWS has a resource type; SAM's own types exist only before the transform."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    types = PROVIDER_SCHEMA_MANAGER.get_resource_types(_REGION)
    return kind.startswith("Custom::") or (
        kind in types and not kind.startswith("AWS::Serverless::")
    )


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """Return the schema of a resource type, with patterns in the syntax of re."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    text = json.dumps(PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema)
    for java, python in _JAVA_CLASSES.items():
        text = text.replace(java, python)
    return dict(json.loads(text))


def changed_names(old: Properties, new: Properties) -> list[str]:
    """Return the names of the properties that differ."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def needs_replacement(kind: str, old: Properties, new: Properties) -> bool:
    """Return whether a property differs that cannot change in place."""
    paths = schema_of(kind).get("createOnlyProperties", [])
    return any(_at(old, path) != _at(new, path) for path in paths)


def _at(properties: Any, path: str) -> Any:
    value = properties
    for part in path.removeprefix(_PREFIX).split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def tag_property(kind: str) -> tuple[str, bool] | None:
    """Return the property that holds a type's tags and whether it is a map; None without tags."""
    schema = schema_of(kind)
    tagging = schema.get("tagging", {})
    name = tagging.get("tagProperty", "/properties/Tags").removeprefix(_PREFIX)
    if not tagging.get("taggable", True) or name not in schema["properties"]:
        return None
    return name, _resolve(schema["properties"][name], schema).get("type") == "object"


def typed(kind: str, properties: Properties) -> Properties:
    """Return properties in the types of the schema, for example "3" as 3 where it is a number."""
    schema = schema_of(kind)
    return dict(_typed(properties, schema, schema))


def check(kind: str, logical_id: str, properties: Properties) -> None:
    """Raise ResourceFailure unless the properties fit the schema."""
    from jsonschema import Draft7Validator

    schema = schema_of(kind)
    faults = []
    for error in sorted(Draft7Validator(schema).iter_errors(properties), key=str):
        place = "/".join(["#", *map(str, error.absolute_path)])
        faults.append(f"{place}: {error.message[:300]}")
    faults += [
        f"#/{name}: is read-only"
        for name in properties
        if f"{_PREFIX}{name}" in schema.get("readOnlyProperties", [])
    ]
    if faults:
        raise ResourceFailure(
            f"Properties validation failed for resource {logical_id} with message:\n"
            + "\n".join(faults)
        )


def _resolve(schema: Any, root: dict[str, Any]) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema if isinstance(schema, dict) else {}


def _typed(value: Any, schema: Any, root: dict[str, Any]) -> Any:
    """Convert between text and the numbers and booleans that the schema expects."""
    schema = _resolve(schema, root)
    kind = schema.get("type")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        others: Any = next(iter(schema.get("patternProperties", {}).values()), {})
        return {name: _typed(item, known.get(name, others), root) for name, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, schema.get("items", {}), root) for item in value]
    return _scalar(value, kind) if isinstance(kind, str) else value


def _scalar(value: Any, kind: str) -> Any:
    if kind == "boolean" and value in ("true", "false", "True", "False"):
        return value in ("true", "True")
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value):
        return int(value)
    if kind == "number" and isinstance(value, str) and re.fullmatch(r"[+-]?[0-9.]+", value):
        return float(value) if "." in value else int(value)
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    return str(value) if kind == "string" and isinstance(value, int | float) else value
