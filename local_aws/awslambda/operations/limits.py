"""Reserved concurrency, tags, and the settings of the account."""

from typing import Any

from local_aws.awslambda.code import MOST_UNZIPPED_BYTES, MOST_ZIPPED_BYTES
from local_aws.awslambda.records import Function
from local_aws.awslambda.service import Functions

_TOTAL_BYTES = 75 * 2**30


def put_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Reserve so many calls at once for a function, which are its limit too."""
    name = _function(functions, request["FunctionName"]).name
    functions.concurrency.reserve(name, request["ReservedConcurrentExecutions"])
    return {"ReservedConcurrentExecutions": request["ReservedConcurrentExecutions"]}


def get_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer the reservation, if there is one."""
    name = _function(functions, request["FunctionName"]).name
    reserved = functions.concurrency.reserved(name)
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def delete_function_concurrency(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Take the reservation away."""
    functions.concurrency.release(_function(functions, request["FunctionName"]).name)
    return {}


def tag_resource(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Add or replace tags."""
    with functions.lock:
        _function(functions, request["Resource"]).tags.update(request["Tags"])
    return {}


def untag_resource(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Take tags away."""
    with functions.lock:
        tags = _function(functions, request["Resource"]).tags
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


def list_tags(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer all tags of a function."""
    with functions.lock:
        return {"Tags": dict(_function(functions, request["Resource"]).tags)}


def get_account_settings(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer the account's limits, and what it uses of them."""
    with functions.lock:
        codes = {
            version.code
            for function in functions.table.values()
            for version in function.all_versions()
        }
        count = len(functions.table)
    return {
        "AccountLimit": {
            "TotalCodeSize": _TOTAL_BYTES,
            "CodeSizeUnzipped": MOST_UNZIPPED_BYTES,
            "CodeSizeZipped": MOST_ZIPPED_BYTES,
            "ConcurrentExecutions": functions.concurrency.account,
            "UnreservedConcurrentExecutions": functions.concurrency.unreserved,
        },
        "AccountUsage": {
            "TotalCodeSize": sum(code.size for code in codes),
            "FunctionCount": count,
        },
    }


def _function(functions: Functions, name: str) -> Function:
    return functions.get(functions.place.read(name)[0])


OPERATIONS = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": get_function_concurrency,
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTags": list_tags,
    "GetAccountSettings": get_account_settings,
}
