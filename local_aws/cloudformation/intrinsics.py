"""Intrinsic functions: the values of Ref, Fn::Sub, Fn::If, and the others."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local_aws.cloudformation.errors import ExportNotFound, StackError, template_error
from local_aws.errors import not_reproduced

VARIABLE = re.compile(r"\$\{(!?)([^{}!][^{}]*)\}")
_NO_VALUE = object()  # stands for AWS::NoValue until its place is known


@dataclass
class Resolver:
    """Resolves the functions of one template in one stack."""

    values: Mapping[str, Any]  # parameters and pseudo parameters
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    # Gives the value of Ref (attribute None) or Fn::GetAtt for a resource.
    of_resource: Callable[[str, str | None], Any] | None = None
    exports: Mapping[str, str] = field(default_factory=dict)  # of other stacks
    _trail: tuple[str, ...] = ()

    def resolve(self, value: Any) -> Any:
        """Return a value with its functions evaluated and AWS::NoValue removed."""
        resolved = self._resolve(value)
        return None if resolved is _NO_VALUE else resolved

    def condition(self, name: str) -> bool:
        """Return the value of a condition of the template."""
        if not isinstance(name, str) or name not in self.conditions:
            raise _error(f"Condition {name} is not defined")
        if name in self._trail:
            raise StackError(f"Circular dependency between conditions: [{', '.join(self._trail)}]")
        inner = replace(self, of_resource=None, _trail=(*self._trail, name))
        return inner.boolean(self.conditions[name])

    def boolean(self, value: Any) -> bool:
        """Return the value of a condition function."""
        resolved = self._resolve(value)
        if isinstance(resolved, bool):
            return resolved
        if resolved in ("true", "false"):
            return bool(resolved == "true")
        raise _error(f"a condition must be true or false, got {resolved!r}")

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self._resolve(item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            function = _FUNCTIONS.get(name)
            if function is not None:
                return function(self, argument)
            if name.startswith("Fn::"):
                raise not_reproduced(f"{name} in a template")
        pairs = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not _NO_VALUE}

    def _ref(self, name: Any) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if isinstance(name, str) and name in self.values:
            return self.values[name]
        if self.of_resource is None or not isinstance(name, str):
            raise _unresolved(str(name))
        return self.of_resource(name, None)

    def _get_att(self, argument: Any) -> Any:
        """Return the value of Fn::GetAtt, whose argument is a list or "resource.attribute"."""
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not (isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str)):
            raise _error(
                "every Fn::GetAtt object requires two non-empty parameters, the resource name and "
                "the resource attribute"
            )
        attribute = self._resolve(parts[1])
        if self.of_resource is None:
            raise _unresolved(parts[0])
        return self.of_resource(parts[0], str(attribute))

    def _sub(self, argument: Any) -> str:
        text, names = (
            argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        )
        if not isinstance(text, str) or not isinstance(names, dict):
            raise _error(
                "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify "
                "a string as first argument, and an optional second argument to specify a mapping "
                "of values to replace in the string"
            )
        own = {name: self._resolve(item) for name, item in names.items()}

        def value_of(match: re.Match[str]) -> str:
            if match[1]:
                return "${" + match[2] + "}"
            name = match[2].strip()
            if name in own:
                return as_text(own[name])
            if name in self.values or "." not in name:
                return as_text(self._ref(name))
            return as_text(self._get_att(name))

        return VARIABLE.sub(value_of, text)

    def _join(self, argument: Any) -> str:
        delimiter, items = self._arguments("Fn::Join", argument, 2)
        if not isinstance(items, list):
            raise _error("Fn::Join requires a list of values to join")
        return str(delimiter).join(as_text(item) for item in items)

    def _split(self, argument: Any) -> list[str]:
        delimiter, text = self._arguments("Fn::Split", argument, 2)
        if not isinstance(delimiter, str) or not delimiter or not isinstance(text, str):
            raise _error("Fn::Split requires a delimiter and a string")
        return text.split(delimiter)

    def _select(self, argument: Any) -> Any:
        index, items = self._arguments("Fn::Select", argument, 2)
        if not isinstance(items, list) or not str(index).isdecimal() or int(index) >= len(items):
            raise _error(f"Fn::Select cannot select nonexistent value at index {index}")
        return items[int(index)]

    def _if(self, argument: Any) -> Any:
        """Return the chosen branch of Fn::If; the other one is not evaluated."""
        name, positive, negative = _parts("Fn::If", argument, 3, 3)
        return self._resolve(positive if self.condition(name) else negative)

    def _equals(self, argument: Any) -> bool:
        """Return the value of Fn::Equals, which compares scalars as text."""
        left, right = (
            value if isinstance(value, dict | list) else as_text(value)
            for value in self._arguments("Fn::Equals", argument, 2)
        )
        return bool(left == right)

    def _find_in_map(self, argument: Any) -> Any:
        name, first, second = self._arguments("Fn::FindInMap", argument, 3)
        try:
            return self.mappings[name][str(first)][str(second)]
        except (KeyError, TypeError) as error:
            raise _error(f"Unable to get mapping for {name}::{first}::{second}") from error

    def _base64(self, argument: Any) -> str:
        return base64.b64encode(as_text(self._resolve(argument)).encode()).decode()

    def _contains(self, argument: Any) -> bool:
        """Return the value of Fn::Contains, whose arguments are a list and a value."""
        values, value = self._arguments("Fn::Contains", argument, 2)
        if not isinstance(values, list):
            raise _error("Fn::Contains requires a list of values and a value")
        return as_text(value) in map(as_text, values)

    def import_value(self, argument: Any) -> str:
        """Return the value of Fn::ImportValue."""
        name = as_text(self._resolve(argument))
        if name not in self.exports:
            raise ExportNotFound(f"No export named {name} found")
        return self.exports[name]

    def _arguments(self, name: str, argument: Any, count: int) -> list[Any]:
        return _parts(name, self._resolve(argument), count, count)


def _parts(name: str, argument: Any, least: int, most: int) -> list[Any]:
    """Return the list that is the argument of a function; raise StackError for another length."""
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        number = least if least == most else f"{least} to {most}"
        raise _error(f"every {name} object requires {number} parameters")
    return argument


def as_text(value: Any) -> str:
    """Return a scalar as text, in CloudFormation's form."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise _error(f"expected a string, got {type(value).__name__}")


def _error(reason: str) -> StackError:
    return StackError(f"Template error: {reason}")


def _unresolved(name: str) -> StackError:
    return template_error(
        f"Unresolved dependencies [{name}]. Cannot reference resources in the Conditions block of "
        "the template"
    )


def _booleans(resolver: Resolver, name: str, argument: Any) -> list[bool]:
    least, most = (1, 1) if name == "Fn::Not" else (2, 10)
    return [resolver.boolean(item) for item in _parts(name, argument, least, most)]


def _named_condition(resolver: Resolver, argument: Any) -> Any:
    # A policy statement also has a key "Condition", which may be the only one in its map.
    if isinstance(argument, str):
        return resolver.condition(argument)
    return {"Condition": resolver.resolve(argument)}


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Ref": Resolver._ref,
    "Condition": _named_condition,
    "Fn::GetAtt": Resolver._get_att,
    "Fn::Sub": Resolver._sub,
    "Fn::Join": Resolver._join,
    "Fn::Split": Resolver._split,
    "Fn::Select": Resolver._select,
    "Fn::If": Resolver._if,
    "Fn::Equals": Resolver._equals,
    "Fn::And": lambda resolver, items: all(_booleans(resolver, "Fn::And", items)),
    "Fn::Or": lambda resolver, items: any(_booleans(resolver, "Fn::Or", items)),
    "Fn::Not": lambda resolver, items: not _booleans(resolver, "Fn::Not", items)[0],
    "Fn::FindInMap": Resolver._find_in_map,
    "Fn::Base64": Resolver._base64,
    "Fn::ImportValue": Resolver.import_value,
    "Fn::Contains": Resolver._contains,
}
