"""CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases."""

from typing import Any

from local_aws.awslambda.errors import FunctionNotFound, InvalidParameterValue, ResourceConflict
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations.listing import page
from local_aws.awslambda.records import Function, check_revision, revision
from local_aws.awslambda.service import Functions


def _create_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    alias = request["Name"]
    with functions.lock:
        function = functions.find(request["FunctionName"])
        arn = functions.place.arn(function.name, alias)
        if alias in function.aliases:
            raise ResourceConflict(f"Alias already exists: {arn}")
        _check_version(functions, function, request["FunctionVersion"])
        routing = _routing(functions, function, request, request["FunctionVersion"])
        function.aliases[alias] = {
            "AliasArn": arn,
            "Name": alias,
            "FunctionVersion": request["FunctionVersion"],
            "Description": request.get("Description") or "",
            "RevisionId": revision(),
            **routing,
        }
        return dict(function.aliases[alias])


def _get_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        return dict(_alias(functions, request))


def update_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Point an alias to another version, starting with the next call."""
    with functions.lock:
        alias = _alias(functions, request)
        check_revision(request.get("RevisionId"), alias["RevisionId"])
        if request.get("FunctionVersion"):
            function = functions.find(request["FunctionName"])
            _check_version(functions, function, request["FunctionVersion"])
        changes = {
            name: request[name]
            for name in ("FunctionVersion", "Description")
            if request.get(name) is not None
        }
        if request.get("RoutingConfig") is not None:
            function = functions.find(request["FunctionName"])
            version = request.get("FunctionVersion") or alias["FunctionVersion"]
            changes |= _routing(functions, function, request, version) or {"RoutingConfig": {}}
        alias |= changes | {"RevisionId": revision()}
        if not alias.get("RoutingConfig"):
            alias.pop("RoutingConfig", None)
        return dict(alias)


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
            for _, alias in sorted(functions.find(request["FunctionName"]).aliases.items())
            if version in (None, alias["FunctionVersion"])
        ]
    return page(aliases, request, "Aliases")


def _alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    function, name = functions.find(request["FunctionName"]), request["Name"]
    if name not in function.aliases:
        raise FunctionNotFound(f"Cannot find alias arn: {functions.place.arn(function.name, name)}")
    return function.aliases[name]


def _routing(
    functions: Functions, function: Function, request: dict[str, Any], version: str
) -> dict[str, Any]:
    """Return the RoutingConfig of a request as an alias keeps it, or nothing without weights."""
    weights = (request.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
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
