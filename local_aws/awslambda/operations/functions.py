"""CreateFunction, GetFunction, UpdateFunctionCode, UpdateFunctionConfiguration, DeleteFunction."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from local_aws.awslambda import code as code_of
from local_aws.awslambda import configuration
from local_aws.awslambda.allowed import check_machine
from local_aws.awslambda.code import Code
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations.listing import page
from local_aws.awslambda.operations.versions import publish
from local_aws.awslambda.records import Configuration, Function, Version, check_revision
from local_aws.awslambda.service import Functions
from local_aws.errors import InvalidParameterValue, ResourceConflict, ServiceError

log = logging.getLogger(__name__)
_PENDING = {
    "State": "Pending",
    "StateReason": "The function is being created.",
    "StateReasonCode": "Creating",
}
_ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful"}
_UPDATING = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}
_REASONS = (
    "StateReason",
    "StateReasonCode",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
)


def create_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Record a function; it is Pending until its code is unpacked."""
    name, qualifier = functions.place.read(request["FunctionName"])
    if qualifier is not None:
        raise InvalidParameterValue(f"A new function's name has no qualifier: {qualifier!r}.")
    check_machine(request)
    data = code_of.fetch(request["Code"], functions.settings, functions.region)
    code_of.check(data)
    with functions.lock:
        if name in functions.table:
            raise ResourceConflict(f"Function already exist: {name}")
        code = code_of.describe(data, functions.code_folder())
        wanted = configuration.new(request | {"FunctionName": name}, code, functions.place)
        configuration.check(wanted, functions.settings, functions.region)
        code_of.keep(data, code)
        latest = functions.new_version(wanted | _PENDING, code)
        function = Function(name, latest, dict(request.get("Tags") or {}))
        functions.table[name] = function
        answer = dict(latest.configuration)
    if request.get("Publish"):
        _activate(functions, function, latest, None)
        return publish(functions, function, {})
    _in_background(functions, function, latest, None)
    return answer


def _activate(
    functions: Functions, function: Function, version: Version, replaced: Configuration | None
) -> None:
    """Unpack the code of a version and let it be called, in the place of the one before it.

    If the code cannot be unpacked, a new function is Failed, and one that was to be updated goes on
    as it was replaced.
    """
    reason = _unpack(functions, version.code)
    with functions.lock:
        before = function.latest
        ended = version
        if functions.table.get(function.name) is not function:  # it was deleted meanwhile
            functions.retire([version])
            return
        if reason is None:
            version.configuration = _settled(version.configuration) | _ACTIVE
            function.latest, ended = version, before
        elif replaced is None:
            version.configuration = _settled(version.configuration) | _failed("State", reason)
        else:
            before.configuration = _settled(replaced) | _failed("LastUpdateStatus", reason)
    if ended is not function.latest:
        functions.retire([ended])


def _settled(current: Configuration) -> Configuration:
    return {name: value for name, value in current.items() if name not in _REASONS}


def _failed(status: str, reason: str) -> dict[str, str]:
    return {
        status: "Failed",
        f"{status}Reason": reason,
        f"{status}ReasonCode": "InvalidZipFileException",
    }


def _unpack(functions: Functions, code: Code) -> str | None:
    """Unpack a code, unless it is already; return why that is not possible."""
    try:
        functions.prepare_runtime()
        if not code.folder.exists():
            code_of.unpack(code)
    except ServiceError as error:
        log.warning("the code of a function cannot be unpacked: %s", error)
        return error.message
    except Exception as error:  # the caller has its answer: the state is the place to say so
        log.exception("a function cannot be made ready")
        return f"The local AWS failed to make the function ready: {error}"
    return None


def update_function_code(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Take another zip; calls go to the old code until the new one is unpacked."""
    function = _named(functions, request)
    check_machine(request)
    data = code_of.fetch(request, functions.settings, functions.region)
    code_of.check(data)
    if request.get("DryRun"):
        with functions.lock:
            _check_can_change(functions, function, request)
            return dict(function.latest.configuration)

    def change(before: Configuration) -> tuple[Configuration, Code]:
        code = code_of.describe(data, functions.code_folder())
        code_of.keep(data, code)
        return before | configuration.of_code(code), code

    return _update(functions, function, request, change)


def update_function_configuration(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Change what a request says; environments of the old configuration end."""
    function = _named(functions, request)
    check_machine(request)

    def change(before: Configuration) -> tuple[Configuration, Code]:
        wanted = configuration.changed(before, request)
        configuration.check(wanted, functions.settings, functions.region)
        return wanted, function.latest.code

    return _update(functions, function, request, change)


def _update(
    functions: Functions,
    function: Function,
    request: dict[str, Any],
    change: Callable[[Configuration], tuple[Configuration, Code]],
) -> dict[str, Any]:
    with functions.lock:
        _check_can_change(functions, function, request)
        before = function.latest
        replaced = before.configuration
        wanted, code = change(replaced)
        after = functions.new_version(wanted | _UPDATING, code)
        # Until then the old version is called, but described as the new one, as AWS does.
        before.configuration = after.configuration
        answer = dict(after.configuration)
    if request.get("Publish"):
        _activate(functions, function, after, replaced)
        return publish(functions, function, {})
    _in_background(functions, function, after, replaced)
    return answer


def _check_can_change(functions: Functions, function: Function, request: dict[str, Any]) -> None:
    current = function.latest.configuration
    check_revision(request.get("RevisionId"), current["RevisionId"])
    if current["State"] == "Pending" or current.get("LastUpdateStatus") == "InProgress":
        what = "creation" if current["State"] == "Pending" else "update"
        raise ResourceConflict(
            "The operation cannot be performed at this time. An "
            f"{what} is in progress for resource: {functions.place.arn(function.name)}"
        )


def _in_background(
    functions: Functions, function: Function, version: Version, replaced: Configuration | None
) -> None:
    threading.Thread(
        target=_activate,
        args=(functions, function, version, replaced),
        name=f"function-{function.name}",
        daemon=True,
    ).start()


def _named(functions: Functions, request: dict[str, Any]) -> Function:
    name, qualifier = functions.place.read(request["FunctionName"])
    if qualifier not in (None, LATEST):
        raise InvalidParameterValue(f"Only {LATEST} can be changed, not {qualifier!r}.")
    return functions.get(name)


def get_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer configuration, tags and reserved concurrency."""
    found = get_function_configuration(functions, request)
    name = found["FunctionName"]
    with functions.lock:
        tags = dict(functions.get(name).tags)
    reserved = functions.concurrency.reserved(name)
    answer: dict[str, Any] = {"Configuration": found, "Code": {"RepositoryType": "S3"}}
    if tags:
        answer["Tags"] = tags
    if reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return answer


def get_function_configuration(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer the configuration of a version; its ARN has the qualifier that was asked for."""
    name, qualifier = functions.place.read(request["FunctionName"], request.get("Qualifier"))
    with functions.lock:
        found = dict(functions.version(name, qualifier).configuration)
    return found | {"FunctionArn": functions.place.arn(name, qualifier)}


def delete_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Forget a function, or one published version that no alias stands for."""
    name, qualifier = functions.place.read(request["FunctionName"], request.get("Qualifier"))
    with functions.lock:
        function = functions.get(name)
        if qualifier is None:
            del functions.table[name]
            functions.concurrency.release(name)
            functions.retire(function.all_versions())
            return {}
        if qualifier == LATEST:
            raise InvalidParameterValue(f"{LATEST} version cannot be deleted without the function.")
        if any(alias["FunctionVersion"] == qualifier for alias in function.aliases.values()):
            raise ResourceConflict(f"Version {qualifier} of {name} is what an alias stands for.")
        functions.version(name, qualifier)
        functions.retire([function.versions.pop(qualifier)])
    return {}


def list_functions(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer one page of configurations: $LATEST of each function, or all versions."""
    everything = request.get("FunctionVersion") == "ALL"
    with functions.lock:
        found = [
            dict(version.configuration)
            for _, function in sorted(functions.table.items())
            for version in (function.all_versions() if everything else [function.latest])
        ]
    return page(found, request, "Functions")


OPERATIONS = {
    "CreateFunction": create_function,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "DeleteFunction": delete_function,
    "ListFunctions": list_functions,
}
