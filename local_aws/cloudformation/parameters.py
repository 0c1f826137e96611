"""The parameters of a template: their declared types and rules, and the values given."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloudformation.errors import StackError, template_error
from local_aws.cloudformation.intrinsics import as_text

_KEYS = {
    "Type", "Default", "Description", "NoEcho", "AllowedValues", "AllowedPattern", "MinLength",
    "MaxLength", "MinValue", "MaxValue", "ConstraintDescription",
}  # fmt: skip
_LISTS = ("CommaDelimitedList", "List<Number>", "List<String>")
_STORED = "AWS::SSM::Parameter::Value<String>"
_TYPES = ("String", "Number", _STORED, *_LISTS)
_HIDDEN = "****"
Declared = Mapping[str, dict[str, Any]]


def check_declared(declared: Declared) -> None:
    """Raise StackError unless parameters are declared as they may be."""
    for name, rules in declared.items():
        if not isinstance(rules, dict) or "Type" not in rules:
            raise template_error("Every Parameters object must contain a Type member.")
        unknown = rules.keys() - _KEYS
        if unknown:
            raise template_error(f"Invalid template parameter property '{min(unknown)}'")
        if rules["Type"] not in _TYPES:
            raise StackError(
                f"The local AWS does not reproduce the type {rules['Type']} of parameter {name}; "
                f"it knows {', '.join(_TYPES)}."
            )


def choose(
    declared: Declared, given: list[dict[str, Any]], previous: Mapping[str, str]
) -> dict[str, str]:
    """Return the text of every parameter: as given, as it was, or by default."""
    chosen: dict[str, str] = {}
    unknown = [item["ParameterKey"] for item in given if item["ParameterKey"] not in declared]
    if unknown:
        raise StackError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    for item in given:
        name = item["ParameterKey"]
        if item.get("UsePreviousValue"):
            if name not in previous:
                raise StackError(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as "
                    "true for a parameter key not in the previous template"
                )
            chosen[name] = previous[name]
        else:
            chosen[name] = item.get("ParameterValue", "")
    for name, rules in declared.items():
        if name not in chosen and "Default" in rules:
            default = rules["Default"]
            chosen[name] = (
                ",".join(map(as_text, default)) if isinstance(default, list) else as_text(default)
            )
    missing = [name for name in declared if name not in chosen]
    if missing:
        raise StackError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, text in chosen.items():
        _check(name, text, declared[name])
    return chosen


def values(
    declared: Declared, chosen: Mapping[str, str], stored: Callable[[str], str]
) -> dict[str, Any]:
    """Return what Ref gives for every parameter; stored fetches one of the parameter store."""
    found: dict[str, Any] = {}
    for name, text in chosen.items():
        kind = declared[name]["Type"]
        if kind in _LISTS:
            found[name] = [part.strip() for part in text.split(",")] if text else []
        else:
            found[name] = stored(text) if kind == _STORED else text
    return found


def shown(declared: Declared, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the parameters as DescribeStacks shows them."""
    return [
        {
            "ParameterKey": name,
            "ParameterValue": _HIDDEN if _is_true(declared[name].get("NoEcho")) else text,
        }
        for name, text in chosen.items()
    ]


def summaries(declared: Declared) -> list[dict[str, Any]]:
    """Return the parameters as GetTemplateSummary and ValidateTemplate declare them."""
    found = []
    for name, rules in declared.items():
        summary = {
            "ParameterKey": name,
            "ParameterType": rules["Type"],
            "NoEcho": _is_true(rules.get("NoEcho")),
        }
        if "Default" in rules:
            summary["DefaultValue"] = as_text(rules["Default"])
        if "Description" in rules:
            summary["Description"] = rules["Description"]
        if "AllowedValues" in rules:
            allowed = [as_text(value) for value in rules["AllowedValues"]]
            summary["ParameterConstraints"] = {"AllowedValues": allowed}
        found.append(summary)
    return found


def _is_true(value: Any) -> bool:
    return value in (True, "true", "True")


def _check(name: str, text: str, rules: Mapping[str, Any]) -> None:
    listed = rules["Type"] in _LISTS
    for part in [part.strip() for part in text.split(",")] if listed else [text]:
        reason = _fault(name, part, rules)
        if reason is not None:
            raise StackError(
                f"Parameter '{name}' must {rules['ConstraintDescription']}"
                if "ConstraintDescription" in rules
                else reason
            )


def _fault(name: str, text: str, rules: Mapping[str, Any]) -> str | None:
    allowed = [as_text(value) for value in rules.get("AllowedValues", [text])]
    if text not in allowed:
        return f"Parameter '{name}' must be one of AllowedValues"
    pattern = rules.get("AllowedPattern")
    if pattern is not None and not _matches(name, as_text(pattern), text):
        return f"Parameter {name} failed to satisfy constraint: must match pattern {pattern}"
    if rules["Type"] in ("Number", "List<Number>"):
        return _number_fault(name, text, rules)
    if len(text) < int(rules.get("MinLength", 0)):
        return f"Parameter '{name}' must contain at least {rules['MinLength']} characters"
    if len(text) > int(rules.get("MaxLength", len(text))):
        return f"Parameter '{name}' must contain at most {rules['MaxLength']} characters"
    return None


def _matches(name: str, pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error as error:
        raise StackError(
            f"The local AWS cannot read the AllowedPattern of parameter {name}: {error}"
        ) from error


def _number_fault(name: str, text: str, rules: Mapping[str, Any]) -> str | None:
    if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text, re.ASCII) is None:
        return f"Parameter '{name}' must be a number."
    if float(text) < float(rules.get("MinValue", text)):
        return f"Parameter '{name}' must be a number not less than {rules['MinValue']}"
    if float(text) > float(rules.get("MaxValue", text)):
        return f"Parameter '{name}' must be a number not greater than {rules['MaxValue']}"
    return None
