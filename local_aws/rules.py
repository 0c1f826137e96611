"""Check the members of a request: those that the local AWS does not support are refused by name.

A member that is absent, empty, False, or "None" requests nothing and always passes.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.errors import not_reproduced

ANY = None
# A member's rule: ANY value, one of several values, or the rules of the members inside it.
Rule = None | tuple[Any, ...] | Mapping[str, Any]


def free(*names: str) -> dict[str, Rule]:
    """Return the rules of members that can have any value."""
    return dict.fromkeys(names, ANY)


def check_members(
    value: Mapping[str, Any], rules: Mapping[str, Rule] | None, operation: str, path: str = ""
) -> None:
    """Raise ValidationError unless every member of a structure follows its rule, if any."""
    if rules is None:
        return
    for name, member in value.items():
        inner = f"{path}.{name}".lstrip(".")
        if not member or member == "None":
            continue
        if name not in rules:
            raise not_reproduced(f"{inner} of {operation}")
        _check(member, rules[name], operation, inner)


def _check(member: Any, rule: Rule, operation: str, path: str) -> None:
    if isinstance(rule, tuple):
        if member not in rule:
            raise not_reproduced(f"{member} as the {path} of {operation}")
    elif rule is not None:
        for part in member if isinstance(member, list) else [member]:
            check_members(part, rule, operation, path)
