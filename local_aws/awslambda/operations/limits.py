"""Reserved concurrency, tags, and the limits of the account."""

from typing import Any

from local_aws.awslambda.code import MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES
from local_aws.awslambda.service import Functions

_TOTAL_BYTES = 75 * 2**30
_RESERVED = "ReservedConcurrentExecutions"


def put_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Set the reserved concurrency of a function, which is also its limit."""
    name = functions.find(request["FunctionName"]).name
    functions.concurrency.reserve(name, request[_RESERVED])
    return {_RESERVED: request[_RESERVED]}


def get_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return the reserved concurrency, if there is one."""
    reserved = functions.concurrency.reserved(functions.find(request["FunctionName"]).name)
    return {} if reserved is None else {_RESERVED: reserved}


def delete_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Remove the reserved concurrency."""
    functions.concurrency.release(functions.find(request["FunctionName"]).name)
    return {}


def tag_resource(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Add or replace tags."""
    with functions.lock:
        functions.find(request["Resource"]).tags.update(request["Tags"])
    return {}


def untag_resource(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags."""
    with functions.lock:
        tags = functions.find(request["Resource"]).tags
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


def list_tags(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return the tags of a function."""
    with functions.lock:
        return {"Tags": dict(functions.find(request["Resource"]).tags)}


def get_account_settings(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return the limits of the account and their use."""
    with functions.lock:
        codes = {version.code for version in functions.all_versions()}
        count = len(functions.table)
    return {
        "AccountLimit": {
            "TotalCodeSize": _TOTAL_BYTES,
            "CodeSizeUnzipped": MAX_UNZIPPED_BYTES,
            "CodeSizeZipped": MAX_ZIPPED_BYTES,
            "ConcurrentExecutions": functions.concurrency.account,
            "UnreservedConcurrentExecutions": functions.concurrency.unreserved,
        },
        "AccountUsage": {"TotalCodeSize": sum(code.size for code in codes), "FunctionCount": count},
    }


OPERATIONS = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": get_function_concurrency,
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTags": list_tags,
    "GetAccountSettings": get_account_settings,
}
