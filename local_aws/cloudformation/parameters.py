"""The parameters of a template: their declarations, and the values of a request."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloudformation.errors import StackError, template_error
from local_aws.cloudformation.intrinsics import Resolver, as_text
from local_aws.cloudformation.records import StackRequest
from local_aws.validation import BoundedPattern, InvalidPattern, SlowMatch

_KEYS = {
    "Type", "Default", "Description", "NoEcho", "AllowedValues", "AllowedPattern", "MinLength",
    "MaxLength", "MinValue", "MaxValue", "ConstraintDescription",
}  # fmt: skip
_LIMITS = {"MinLength", "MaxLength", "MinValue", "MaxValue"}
_LISTS = ("CommaDelimitedList", "List<Number>", "List<String>")
_STORED = "AWS::SSM::Parameter::Value<String>"
_TYPES = ("String", "Number", _STORED, *_LISTS)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_HIDDEN = "****"
Declarations = Mapping[str, dict[str, Any]]


def check_declarations(declarations: Declarations) -> None:
    """Raise StackError unless the declarations are valid."""
    if not isinstance(declarations, dict):
        raise template_error("The section Parameters is not a map.")
    for name, rules in declarations.items():
        if not isinstance(rules, dict) or "Type" not in rules:
            raise template_error("Every Parameters object must contain a Type member.")
        unknown = rules.keys() - _KEYS
        if unknown:
            raise template_error(f"Invalid template parameter property '{min(unknown)}'")
        if rules["Type"] not in _TYPES:
            raise StackError(
                f"The local AWS does not reproduce the type {rules['Type']} of parameter {name}; "
                f"expected one of {', '.join(_TYPES)}."
            )
        if not isinstance(rules.get("AllowedValues", []), list):
            raise template_error(f"The AllowedValues of parameter {name} are not a list.")
        for key in _LIMITS & rules.keys():
            if _NUMBER.fullmatch(as_text(rules[key])) is None:
                raise template_error(f"The {key} of parameter {name} is not a number.")


def read_texts(
    declarations: Declarations, entries: list[dict[str, Any]], previous: Mapping[str, str]
) -> dict[str, str]:
    """Return the text of every parameter: from the request, the previous request, or a default."""
    unknown = [item["ParameterKey"] for item in entries if item["ParameterKey"] not in declarations]
    if unknown:
        raise StackError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts = {name: _default(rules) for name, rules in declarations.items() if "Default" in rules}
    for entry in entries:
        name = entry["ParameterKey"]
        if not entry.get("UsePreviousValue"):
            texts[name] = entry.get("ParameterValue", "")
        elif name in previous:
            texts[name] = previous[name]
        else:
            raise StackError(
                f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true "
                "for a parameter key not in the previous template"
            )
    missing = [name for name in declarations if name not in texts]
    if missing:
        raise StackError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, text in texts.items():
        _check(name, text, declarations[name])
    return texts


def _default(rules: Mapping[str, Any]) -> str:
    default = rules["Default"]
    return ",".join(map(as_text, default)) if isinstance(default, list) else as_text(default)


def check_rules(rules: Mapping[str, Any], resolver: Resolver) -> None:
    """Raise StackError for the first assertion about the parameters that does not hold."""
    for name, rule in rules.items():
        if not resolver.boolean(rule.get("RuleCondition", True)):
            continue
        for assertion in rule["Assertions"]:
            if not resolver.boolean(assertion["Assert"]):
                reason = assertion.get("AssertDescription", "an assertion is false")
                raise StackError(f"Template error: rule {name} failed: {reason}")


def ref_values(
    declarations: Declarations, texts: Mapping[str, str], read_stored: Callable[[str], str]
) -> dict[str, Any]:
    """Return the value of Ref for every parameter; `read_stored` reads the parameter store."""
    result: dict[str, Any] = {}
    for name, text in texts.items():
        kind = declarations[name]["Type"]
        if kind in _LISTS:
            result[name] = [part.strip() for part in text.split(",")] if text else []
        else:
            result[name] = read_stored(text) if kind == _STORED else text
    return result


def describe(request: StackRequest) -> list[dict[str, Any]]:
    """Return the parameters in the form of DescribeStacks, without secrets."""
    declarations = request.template.get("Parameters", {})
    return [
        {
            "ParameterKey": name,
            "ParameterValue": _HIDDEN if _is_secret(declarations[name]) else text,
        }
        for name, text in request.parameters.items()
    ]


def summaries(declarations: Declarations) -> list[dict[str, Any]]:
    """Return the declarations in the form of GetTemplateSummary."""
    return [
        {
            "ParameterKey": name,
            "ParameterType": rules["Type"],
            "NoEcho": _is_secret(rules),
            "DefaultValue": as_text(rules["Default"]) if "Default" in rules else None,
            "Description": rules.get("Description"),
        }
        for name, rules in declarations.items()
    ]


def _is_secret(rules: Mapping[str, Any]) -> bool:
    return rules.get("NoEcho") in (True, "true", "True")


def _check(name: str, text: str, rules: Mapping[str, Any]) -> None:
    parts = [part.strip() for part in text.split(",")] if rules["Type"] in _LISTS else [text]
    for part in parts:
        fault = _fault(name, part, rules)
        if fault is not None:
            description = rules.get("ConstraintDescription")
            raise StackError(f"Parameter '{name}' must {description}" if description else fault)


def _fault(name: str, text: str, rules: Mapping[str, Any]) -> str | None:
    allowed = [as_text(value) for value in rules.get("AllowedValues", [text])]
    if text not in allowed:
        return f"Parameter '{name}' must be one of AllowedValues"
    pattern = rules.get("AllowedPattern")
    if pattern is not None and not _matches(name, as_text(pattern), text):
        return f"Parameter {name} failed to satisfy constraint: must match pattern {pattern}"
    if rules["Type"] in ("Number", "List<Number>"):
        return _number_fault(name, text, rules)
    if len(text) < float(rules.get("MinLength", 0)):
        return f"Parameter '{name}' must contain at least {rules['MinLength']} characters"
    if len(text) > float(rules.get("MaxLength", len(text))):
        return f"Parameter '{name}' must contain at most {rules['MaxLength']} characters"
    return None


def _matches(name: str, pattern: str, text: str) -> bool:
    try:
        return BoundedPattern(pattern).matches_all(text)
    except (InvalidPattern, SlowMatch) as error:
        raise StackError(
            f"The local AWS cannot use the AllowedPattern of parameter {name}: {error}"
        ) from error


def _number_fault(name: str, text: str, rules: Mapping[str, Any]) -> str | None:
    if _NUMBER.fullmatch(text) is None:
        return f"Parameter '{name}' must be a number."
    if float(text) < float(rules.get("MinValue", text)):
        return f"Parameter '{name}' must be a number not less than {rules['MinValue']}"
    if float(text) > float(rules.get("MaxValue", text)):
        return f"Parameter '{name}' must be a number not greater than {rules['MaxValue']}"
    return None
