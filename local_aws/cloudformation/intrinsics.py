"""Intrinsic functions: what Ref, Fn::Sub, Fn::If and the others stand for."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.cloudformation.errors import StackError

VARIABLE = re.compile(r"\$\{(!?)([^{}!][^{}]*)\}")
NO_VALUE = "AWS::NoValue"
_NOTHING = object()  # what AWS::NoValue leaves behind, until its place is known


@dataclass
class Resolver:
    """Resolves the functions of one template in one stack."""

    values: Mapping[str, Any]  # parameters and pseudo parameters
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    # What Ref and Fn::GetAtt give for a resource (attribute None for Ref).
    of_resource: Callable[[str, str | None], Any] | None = None
    _trail: tuple[str, ...] = ()

    def resolve(self, value: Any) -> Any:
        """Return a value with its functions carried out and what has no value left out."""
        resolved = self._resolve(value)
        return None if resolved is _NOTHING else resolved

    def condition(self, name: str) -> bool:
        """Return what a condition of the template comes to."""
        if not isinstance(name, str) or name not in self.conditions:
            raise StackError(f"Template error: Condition {name} is not defined")
        if name in self._trail:
            raise StackError(f"Circular dependency between conditions: [{', '.join(self._trail)}]")
        inner = Resolver(self.values, self.mappings, self.conditions, None, (*self._trail, name))
        return inner.boolean(self.conditions[name])

    def boolean(self, value: Any) -> bool:
        """Return what a condition function comes to."""
        resolved = self._resolve(value)
        if isinstance(resolved, bool):
            return resolved
        if resolved in ("true", "false"):
            return bool(resolved == "true")
        raise StackError(f"Template error: a condition must be true or false, got {resolved!r}")

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self._resolve(item) for item in value]
            return [item for item in items if item is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            function = _FUNCTIONS.get(name)
            if function is not None:
                return function(self, argument)
            if name.startswith("Fn::"):
                raise StackError(f"The local AWS does not reproduce {name} in a template.")
        pairs = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not _NOTHING}

    def ref(self, name: Any) -> Any:
        """Return what Ref gives."""
        if name == NO_VALUE:
            return _NOTHING
        if isinstance(name, str) and name in self.values:
            return self.values[name]
        if self.of_resource is None or not isinstance(name, str):
            raise _unresolved(str(name))
        return self.of_resource(name, None)

    def get_att(self, argument: Any) -> Any:
        """Return what Fn::GetAtt gives; its argument is a list, or a text with a dot."""
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not (isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str)):
            raise StackError(
                "Template error: every Fn::GetAtt object requires two non-empty parameters, the "
                "resource name and the resource attribute"
            )
        attribute = self._resolve(parts[1])
        if self.of_resource is None:
            raise _unresolved(parts[0])
        return self.of_resource(parts[0], str(attribute))

    def sub(self, argument: Any) -> str:
        """Return what Fn::Sub gives."""
        text, names = (
            argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        )
        if not isinstance(text, str) or not isinstance(names, dict):
            raise StackError(
                "Template error: One or more Fn::Sub intrinsic functions don't specify expected "
                "arguments. Specify a string as first argument, and an optional second argument to "
                "specify a mapping of values to replace in the string"
            )
        own = {name: self._resolve(item) for name, item in names.items()}

        def replace(found: re.Match[str]) -> str:
            if found[1]:
                return "${" + found[2] + "}"
            name = found[2].strip()
            if name in own:
                return as_text(own[name])
            if name in self.values or "." not in name:
                return as_text(self.ref(name))
            return as_text(self.get_att(name))

        return VARIABLE.sub(replace, text)

    def join(self, argument: Any) -> str:
        """Return what Fn::Join gives."""
        delimiter, items = self._arguments("Fn::Join", argument, 2)
        if not isinstance(items, list):
            raise StackError("Template error: Fn::Join requires a list of values to join")
        return str(delimiter).join(as_text(item) for item in items)

    def split(self, argument: Any) -> list[str]:
        """Return what Fn::Split gives."""
        delimiter, text = self._arguments("Fn::Split", argument, 2)
        if not isinstance(delimiter, str) or not delimiter or not isinstance(text, str):
            raise StackError("Template error: Fn::Split requires a delimiter and a string")
        return text.split(delimiter)

    def select(self, argument: Any) -> Any:
        """Return what Fn::Select gives."""
        index, items = self._arguments("Fn::Select", argument, 2)
        if not isinstance(items, list) or not str(index).isdecimal() or int(index) >= len(items):
            raise StackError(
                f"Template error: Fn::Select cannot select nonexistent value at index {index}"
            )
        return items[int(index)]

    def if_(self, argument: Any) -> Any:
        """Return the branch that Fn::If takes; the other one is not looked at."""
        if not isinstance(argument, list) or len(argument) != 3:
            raise StackError("Template error: Fn::If requires a condition name and two values")
        return self._resolve(argument[1] if self.condition(argument[0]) else argument[2])

    def equals(self, argument: Any) -> bool:
        """Return whether two values are the same text."""
        left, right = self._arguments("Fn::Equals", argument, 2)
        return _comparable(left) == _comparable(right)

    def find_in_map(self, argument: Any) -> Any:
        """Return what Fn::FindInMap gives."""
        name, first, second = self._arguments("Fn::FindInMap", argument, 3)
        try:
            return self.mappings[name][str(first)][str(second)]
        except (KeyError, TypeError) as error:
            raise StackError(
                f"Template error: Unable to get mapping for {name}::{first}::{second}"
            ) from error

    def base64(self, argument: Any) -> str:
        """Return what Fn::Base64 gives."""
        return base64.b64encode(as_text(self._resolve(argument)).encode()).decode()

    def _arguments(self, name: str, argument: Any, count: int) -> list[Any]:
        resolved = self._resolve(argument)
        if not isinstance(resolved, list) or len(resolved) != count:
            raise StackError(f"Template error: every {name} object requires {count} parameters")
        return resolved


def as_text(value: Any) -> str:
    """Return a scalar as text, as CloudFormation writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise StackError(f"Template error: a string is needed where there is {type(value).__name__}")


def _comparable(value: Any) -> Any:
    return value if isinstance(value, dict | list) else as_text(value)


def _unresolved(name: str) -> StackError:
    return StackError(
        f"Template format error: Unresolved dependencies [{name}]. Cannot reference resources in "
        "the Conditions block of the template"
    )


def _conditions(name: str, argument: Any, least: int, most: int) -> list[Any]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        raise StackError(
            f"Template error: every {name} object requires a list of {least} to {most} conditions"
        )
    return argument


def _and(resolver: Resolver, argument: Any) -> bool:
    return all([resolver.boolean(item) for item in _conditions("Fn::And", argument, 2, 10)])


def _or(resolver: Resolver, argument: Any) -> bool:
    return any([resolver.boolean(item) for item in _conditions("Fn::Or", argument, 2, 10)])


def _not(resolver: Resolver, argument: Any) -> bool:
    (only,) = _conditions("Fn::Not", argument, 1, 1)
    return not resolver.boolean(only)


def _named_condition(resolver: Resolver, argument: Any) -> Any:
    # A policy statement has a key Condition too, alone in its map at times.
    if isinstance(argument, str):
        return resolver.condition(argument)
    return {"Condition": resolver.resolve(argument)}


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Ref": Resolver.ref,
    "Condition": _named_condition,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::Join": Resolver.join,
    "Fn::Split": Resolver.split,
    "Fn::Select": Resolver.select,
    "Fn::If": Resolver.if_,
    "Fn::Equals": Resolver.equals,
    "Fn::And": _and,
    "Fn::Or": _or,
    "Fn::Not": _not,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::Base64": Resolver.base64,
}
