"""Reserved concurrency and tags."""

from typing import Any

from local_aws.awslambda.service import Functions

_RESERVED = "ReservedConcurrentExecutions"


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


OPERATIONS = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": _get_function_concurrency,
    "DeleteFunctionConcurrency": _delete_function_concurrency,
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
    "ListTags": _list_tags,
}
