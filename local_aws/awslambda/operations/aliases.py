"""CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases."""

from typing import Any

from local_aws.awslambda.errors import FunctionNotFound, InvalidParameterValue, ResourceConflict
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations.versions import page
from local_aws.awslambda.records import Function, check_revision, revision
from local_aws.awslambda.service import Functions

_CHANGED = ("FunctionVersion", "Description", "RoutingConfig")


def _create_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    alias = request["Name"]
    with functions.lock:
        function = functions.find(request["FunctionName"])
        arn = functions.place.arn(function.name, alias)
        if alias in function.aliases:
            raise ResourceConflict(f"Alias already exists: {arn}")
        new = {"AliasArn": arn, "Name": alias, "Description": ""}
        return _store(functions, function, new, request)


def _get_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        return dict(_alias(functions, request))


def update_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Point an alias to another version, starting with the next call."""
    with functions.lock:
        alias = _alias(functions, request)
        check_revision(request.get("RevisionId"), alias["RevisionId"])
        return _store(functions, functions.find(request["FunctionName"]), alias, request)


def delete_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Delete an alias; as on AWS, a missing one is not an error."""
    with functions.lock:
        function = functions.find(request["FunctionName"])
        function.aliases.pop(request["Name"], None)
        function.policies.pop(request["Name"], None)
        function.event_invoke.pop(request["Name"], None)
    return {}


def _list_aliases(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    version = request.get("FunctionVersion")
    with functions.lock:
        aliases = [
            dict(alias)
            for alias in functions.find(request["FunctionName"]).aliases.values()
            if version in (None, alias["FunctionVersion"])
        ]
    return page(aliases, request, "Aliases")


def _alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    function, name = functions.find(request["FunctionName"]), request["Name"]
    if name not in function.aliases:
        raise FunctionNotFound(f"Cannot find alias arn: {functions.place.arn(function.name, name)}")
    return function.aliases[name]


def _store(
    functions: Functions, function: Function, old: dict[str, Any], request: dict[str, Any]
) -> dict[str, Any]:
    """Store an alias with the changes of a request, if it is valid with them, and return it."""
    names = [name for name in _CHANGED if request.get(name) is not None]
    alias = {**old, **{name: request[name] for name in names}, "RevisionId": revision()}
    _check_version(functions, function, alias["FunctionVersion"])
    weights = _weights(functions, function, alias)
    alias.pop("RoutingConfig", None)
    function.aliases[alias["Name"]] = alias | weights
    return dict(function.aliases[alias["Name"]])


def _weights(functions: Functions, function: Function, alias: dict[str, Any]) -> dict[str, Any]:
    """Return the RoutingConfig of an alias, or nothing without weights."""
    version = alias["FunctionVersion"]
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights") or {}
    if not weights:
        return {}
    if len(weights) > 1:
        raise InvalidParameterValue("Number of items in AdditionalVersionWeights cannot exceed 1.")
    ((other, weight),) = weights.items()
    if version == LATEST:
        raise InvalidParameterValue(
            "$LATEST is not supported for an alias pointing to more than 1 version."
        )
    if other == version:
        raise InvalidParameterValue(
            f"Invalid function version {other}. Function version {other} is already included in "
            "routing configuration."
        )
    _check_version(functions, function, other)
    return {"RoutingConfig": {"AdditionalVersionWeights": {other: float(weight)}}}


def _check_version(functions: Functions, function: Function, version: str) -> None:
    if version != LATEST and version not in function.versions:
        raise FunctionNotFound(f"Function not found: {functions.place.arn(function.name, version)}")


OPERATIONS = {
    "CreateAlias": _create_alias,
    "GetAlias": _get_alias,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
    "ListAliases": _list_aliases,
}
