"""CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases."""

from typing import Any

from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations.listing import page
from local_aws.awslambda.records import Function, check_revision, revision
from local_aws.awslambda.service import Functions
from local_aws.errors import FunctionNotFound, InvalidParameterValue, ResourceConflict


def create_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Give a version a name."""
    alias = request["Name"]
    with functions.lock:
        function = _function(functions, request)
        if alias in function.aliases:
            arn = functions.place.arn(function.name, alias)
            raise ResourceConflict(f"Alias already exists: {arn}")
        if alias.isdecimal():
            raise InvalidParameterValue(f"An alias may not be a number: {alias}.")
        _check_version(functions, function, request["FunctionVersion"])
        function.aliases[alias] = {
            "AliasArn": functions.place.arn(function.name, alias),
            "Name": alias,
            "FunctionVersion": request["FunctionVersion"],
            "Description": request.get("Description") or "",
            "RevisionId": revision(),
        }
        return dict(function.aliases[alias])


def get_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer an alias."""
    with functions.lock:
        return dict(_alias(functions, _function(functions, request), request["Name"]))


def update_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Let an alias stand for another version; the next call goes there."""
    with functions.lock:
        function = _function(functions, request)
        alias = _alias(functions, function, request["Name"])
        check_revision(request.get("RevisionId"), alias["RevisionId"])
        if request.get("FunctionVersion"):
            _check_version(functions, function, request["FunctionVersion"])
        given = {
            name: request[name]
            for name in ("FunctionVersion", "Description")
            if request.get(name) is not None
        }
        alias |= given | {"RevisionId": revision()}
        return dict(alias)


def delete_alias(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Forget an alias; one that is not there is no error, as on AWS."""
    with functions.lock:
        function = _function(functions, request)
        function.aliases.pop(request["Name"], None)
        function.policies.pop(request["Name"], None)
    return {}


def list_aliases(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer one page of aliases, of one version if the request says which."""
    version = request.get("FunctionVersion")
    with functions.lock:
        found = [
            dict(alias)
            for _, alias in sorted(_function(functions, request).aliases.items())
            if version in (None, alias["FunctionVersion"])
        ]
    return page(found, request, "Aliases")


def _function(functions: Functions, request: dict[str, Any]) -> Function:
    return functions.get(functions.place.read(request["FunctionName"])[0])


def _alias(functions: Functions, function: Function, name: str) -> dict[str, Any]:
    if name not in function.aliases:
        raise FunctionNotFound(f"Cannot find alias arn: {functions.place.arn(function.name, name)}")
    return function.aliases[name]


def _check_version(functions: Functions, function: Function, version: str) -> None:
    if version != LATEST and version not in function.versions:
        raise FunctionNotFound(f"Function not found: {functions.place.arn(function.name, version)}")


OPERATIONS = {
    "CreateAlias": create_alias,
    "GetAlias": get_alias,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
    "ListAliases": list_aliases,
}
