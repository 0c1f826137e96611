"""Reserved concurrency, the retries of asynchronous calls, and tags."""

import time
from typing import Any

from local_aws.awslambda.errors import FunctionNotFound, InvalidParameterValue
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.records import Function
from local_aws.awslambda.service import Functions

_RESERVED = "ReservedConcurrentExecutions"
_RETRY_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


def put_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Set the reserved concurrency of a function, which is also its limit."""
    name = functions.find(request["FunctionName"]).name
    functions.concurrency.reserve(name, request[_RESERVED])
    return {_RESERVED: request[_RESERVED]}


def _get_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    reserved = functions.concurrency.reserved(functions.find(request["FunctionName"]).name)
    return {} if reserved is None else {_RESERVED: reserved}


def _delete_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    functions.concurrency.release(functions.find(request["FunctionName"]).name)
    return {}


def _tag_resource(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        functions.find(request["Resource"]).tags.update(request["Tags"])
    return {}


def _untag_resource(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        tags = functions.find(request["Resource"]).tags
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


def _list_tags(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        return {"Tags": dict(functions.find(request["Resource"]).tags)}


def _target(functions: Functions, request: dict[str, Any]) -> tuple[Function, str, str]:
    """Return the function of a request, the qualifier with a default, and their ARN."""
    name, qualifier = functions.place.read(request["FunctionName"], request.get("Qualifier"))
    functions.version(name, qualifier)
    qualifier = qualifier or LATEST
    return functions.get(name), qualifier, functions.place.arn(name, qualifier)


def _put_config(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    members = {name: request[name] for name in _RETRY_MEMBERS if request.get(name) is not None}
    if not members:
        raise InvalidParameterValue(
            "You must specify at least one of MaximumRetryAttempts, "
            "MaximumEventAgeInSeconds, and DestinationConfig."
        )
    with functions.lock:
        function, qualifier, arn = _target(functions, request)
        config = {"DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}, **members}
        function.event_invoke[qualifier] = config | {
            "FunctionArn": arn,
            "LastModified": time.time(),
        }
        return dict(function.event_invoke[qualifier])


def _get_config(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration; raise FunctionNotFound if there is none."""
    with functions.lock:
        function, qualifier, arn = _target(functions, request)
        if qualifier not in function.event_invoke:
            raise FunctionNotFound(f"The function {arn} doesn't have an EventInvokeConfig")
        return dict(function.event_invoke[qualifier])


def _delete_config(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    with functions.lock:
        _get_config(functions, request)
        function, qualifier, _ = _target(functions, request)
        del function.event_invoke[qualifier]
    return {}


OPERATIONS = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": _get_function_concurrency,
    "DeleteFunctionConcurrency": _delete_function_concurrency,
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
    "ListTags": _list_tags,
    "PutFunctionEventInvokeConfig": _put_config,
    "GetFunctionEventInvokeConfig": _get_config,
    "DeleteFunctionEventInvokeConfig": _delete_config,
}
