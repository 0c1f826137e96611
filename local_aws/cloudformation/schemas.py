"""What AWS publishes about a resource type: its properties, and which of them replace it.

The schemas are those of CloudFormation's registry, which cfn-lint ships.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.records import Properties

_REGION = "us-east-1"  # where every type is known
_PREFIX = "/properties/"
# Letters, digits and spaces, which stand inside of brackets; \w has the low line too.
_JAVA_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s"}


@cache
def find_schema(kind: str) -> dict[str, Any] | None:
    """Return the schema of a resource type, or None if AWS has no such type."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    if kind.startswith("AWS::Serverless::"):  # SAM's own, which the transform replaces
        return None
    if kind not in PROVIDER_SCHEMA_MANAGER.get_resource_types(_REGION):
        return None
    found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema
    return dict(_in_python(found))


def _in_python(value: Any, name: str = "") -> Any:
    """Return a part of a schema, under its name, with patterns that re reads."""
    if isinstance(value, dict):
        are_patterns = name == "patternProperties"
        return {
            _readable(key) if are_patterns else key: _in_python(item, key)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_in_python(item) for item in value]
    return _readable(value) if name == "pattern" and isinstance(value, str) else value


def _readable(pattern: str) -> str:
    """Return a pattern in re's syntax; the empty one, which fits all, if it has no place there."""
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        re.compile(pattern)
    except re.error:
        return ""
    return pattern


def schema_of(kind: str) -> dict[str, Any]:
    """Return the schema of a type that is known."""
    found = find_schema(kind)
    if found is None:
        raise ResourceFailure(f"There is no resource type {kind}.")
    return found


def changed_names(old: Properties, new: Properties) -> list[str]:
    """Return the names of the properties that differ."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def needs_replacement(kind: str, old: Properties, new: Properties) -> bool:
    """Tell whether a difference is in a property that only a new resource can have otherwise."""
    paths = schema_of(kind).get("createOnlyProperties", [])
    return any(_at(old, path) != _at(new, path) for path in paths)


def _at(properties: Any, path: str) -> Any:
    value = properties
    for part in path.removeprefix(_PREFIX).split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def tag_property(kind: str) -> tuple[str, bool] | None:
    """Return the property a type takes tags by, and whether it is a map; None if it takes none."""
    schema = schema_of(kind)
    name = schema.get("tagging", {}).get("tagProperty", "/properties/Tags").removeprefix(_PREFIX)
    if not schema.get("tagging", {}).get("taggable", True) or name not in schema["properties"]:
        return None
    return name, _resolve(schema["properties"][name], schema).get("type") == "object"


def typed(kind: str, properties: Properties) -> Properties:
    """Return properties in the types of the schema: a number that is text becomes one."""
    schema = schema_of(kind)
    return dict(_typed(properties, schema, schema))


def check(kind: str, logical_id: str, properties: Properties) -> None:
    """Raise ResourceFailure unless properties fit the schema."""
    schema = schema_of(kind)
    faults = list(_faults(properties, schema))
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
    """Turn text into the number or truth value that the schema asks for, and the other way."""
    schema = _resolve(schema, root)
    kinds = schema.get("type")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        others: Any = next(iter(schema.get("patternProperties", {}).values()), {})
        return {name: _typed(item, known.get(name, others), root) for name, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, schema.get("items", {}), root) for item in value]
    if isinstance(kinds, str):
        return _scalar(value, kinds)
    return value


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


def _faults(properties: Properties, schema: dict[str, Any]) -> Iterator[str]:
    from jsonschema import Draft7Validator

    for error in sorted(Draft7Validator(schema).iter_errors(properties), key=str):
        place = "/".join(str(part) for part in error.absolute_path)
        at = f"#/{place}" if place else "#"
        if error.validator == "additionalProperties":
            extra = [name for name in error.instance if not _is_known(name, error.schema)]
            yield f"{at}: extraneous key [{', '.join(extra)}] is not permitted"
        elif error.validator == "required":
            missing = error.message.split("'")[1]
            yield f"{at}: required key [{missing}] not found"
        else:
            yield f"{at}: {error.message[:300]}"


def _is_known(name: str, schema: dict[str, Any]) -> bool:
    patterns = schema.get("patternProperties", {})
    return name in schema.get("properties", {}) or any(re.search(one, name) for one in patterns)
