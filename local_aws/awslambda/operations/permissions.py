"""AddPermission, RemovePermission, and GetPolicy."""

import json
from typing import Any

from local_aws.awslambda.errors import FunctionNotFound, InvalidParameterValue, ResourceConflict
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.records import Function, check_revision
from local_aws.awslambda.service import Functions


def add_permission(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Allow a service or an account to call the function, or one version or alias of it."""
    sid = request["StatementId"]
    if functions.place.read(request["FunctionName"], request.get("Qualifier"))[1] == LATEST:
        raise InvalidParameterValue(f"We currently do not support adding policies for {LATEST}.")
    with functions.lock:
        function, qualifier = _resource(functions, request)
        check_revision(request.get("RevisionId"), function.latest.configuration["RevisionId"])
        statements = function.policies.setdefault(qualifier, [])
        if any(statement["Sid"] == sid for statement in statements):
            raise ResourceConflict(
                f"The statement id ({sid}) provided already exists. Please provide a new statement "
                "id, or remove the existing statement."
            )
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": _principal(request["Principal"]),
            "Action": request["Action"],
            "Resource": functions.place.arn(function.name, qualifier),
        }
        condition = _condition(request)
        statements.append(statement | ({"Condition": condition} if condition else {}))
        return {"Statement": json.dumps(statements[-1])}


def _principal(name: str) -> Any:
    if name == "*":
        return name
    if name.isdecimal():
        return {"AWS": f"arn:aws:iam::{name}:root"}
    return {"AWS": name} if name.startswith("arn:") else {"Service": name}


def _condition(request: dict[str, Any]) -> dict[str, Any]:
    condition = {}
    if request.get("SourceAccount"):
        condition["StringEquals"] = {"AWS:SourceAccount": request["SourceAccount"]}
    if request.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": request["SourceArn"]}
    return condition


def _remove_permission(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    sid = request["StatementId"]
    with functions.lock:
        function, qualifier = _resource(functions, request)
        check_revision(request.get("RevisionId"), function.latest.configuration["RevisionId"])
        statements = function.policies.get(qualifier, [])
        others = [statement for statement in statements if statement["Sid"] != sid]
        if len(others) == len(statements):
            raise FunctionNotFound(f"Statement {sid} is not found in resource policy.")
        function.policies[qualifier] = others
    return {}


def _get_policy(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        function, qualifier = _resource(functions, request)
        statements = function.policies.get(qualifier)
        if not statements:
            raise FunctionNotFound("The resource you requested does not exist.")
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
        revision_id = function.latest.configuration["RevisionId"]
        return {"Policy": json.dumps(policy), "RevisionId": revision_id}


def _resource(functions: Functions, request: dict[str, Any]) -> tuple[Function, str | None]:
    name, qualifier = functions.place.read(request["FunctionName"], request.get("Qualifier"))
    functions.version(name, qualifier)
    return functions.get(name), None if qualifier == LATEST else qualifier


OPERATIONS = {
    "AddPermission": add_permission,
    "RemovePermission": _remove_permission,
    "GetPolicy": _get_policy,
}
