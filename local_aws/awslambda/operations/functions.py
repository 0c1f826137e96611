"""CreateFunction, GetFunction, UpdateFunctionCode, UpdateFunctionConfiguration, DeleteFunction."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from local_aws.awslambda import code as codes
from local_aws.awslambda import configuration
from local_aws.awslambda.code import Code
from local_aws.awslambda.errors import InvalidParameterValue, ResourceConflict
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations.versions import page, publish
from local_aws.awslambda.records import Configuration, Function, Version, check_revision
from local_aws.awslambda.rules import check_computer
from local_aws.awslambda.service import Functions
from local_aws.errors import ServiceError

log = logging.getLogger(__name__)
_CREATING = {"Reason": "The function is being created.", "ReasonCode": "Creating"}
_ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful"}
_SUFFIXES = ("Reason", "ReasonCode")


def _status(name: str, value: str, details: dict[str, str]) -> Configuration:
    return {name: value, **{f"{name}{suffix}": text for suffix, text in details.items()}}


def create_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Create a function, which is Pending until its code is unpacked."""
    name, qualifier = functions.place.read(request["FunctionName"])
    if qualifier is not None:
        raise InvalidParameterValue(
            f"The name of a new function cannot have a qualifier: {qualifier!r}."
        )
    check_computer(request)
    data = codes.fetch(request["Code"], functions.settings, functions.region)
    codes.check(data)
    with functions.lock:
        if name in functions.table:
            raise ResourceConflict(f"Function already exist: {name}")
        new = configuration.new(request | {"FunctionName": name}, functions.place)
        configuration.check(new, functions.settings, functions.region)
        code = codes.store(data, functions.code_folder())
        new |= configuration.of_code(code) | _status("State", "Pending", _CREATING)
        latest = functions.new_version(new, code)
        function = Function(name, latest, dict(request.get("Tags") or {}))
        functions.table[name] = function
    return _finish(functions, function, latest, request)


def _finish(
    functions: Functions, function: Function, version: Version, request: dict[str, Any]
) -> dict[str, Any]:
    """Activate a version, in the background unless the request also publishes it."""
    if request.get("Publish"):
        _activate(functions, function, version)
        return publish(functions, function, {})
    response = dict(version.configuration)
    arguments = (functions, function, version)
    threading.Thread(target=_activate, args=arguments, daemon=True).start()
    return response


def _activate(functions: Functions, function: Function, version: Version) -> None:
    """Unpack the code of a version, and let calls use the version.

    If the code cannot be unpacked, a new function becomes Failed, and an updated one continues with
    its previous version.
    """
    reason = _unpack(functions, version)
    failure = _bad_zip(reason or "")
    with functions.lock:
        before = function.latest
        if functions.table.get(function.name) is not function:  # it has been deleted
            functions.retire([version])
            return
        if reason is None:
            version.configuration = _without_reasons(version.configuration) | _ACTIVE
            function.latest = version
        elif before is version:
            failed = _status("State", "Failed", failure)
            version.configuration = _without_reasons(version.configuration) | failed
        else:
            failed = _status("LastUpdateStatus", "Failed", failure)
            before.configuration = _without_reasons(before.in_effect) | failed
            before.replaced = None
        ended = [item for item in (before, version) if item is not function.latest]
    functions.retire(ended)


def settle(functions: Functions, version: Version) -> None:
    """Unpack the code of a version of an earlier run; one whose creation was cut off is Active."""
    before = version.configuration
    if before["State"] == "Failed":
        return
    reason, plain = _unpack(functions, version), _without_reasons(before)
    if reason is not None:
        version.configuration = plain | _status("State", "Failed", _bad_zip(reason))
    elif before["State"] == "Pending":
        version.configuration = plain | _ACTIVE


def _bad_zip(reason: str) -> dict[str, str]:
    return {"Reason": reason, "ReasonCode": "InvalidZipFileException"}


def _without_reasons(current: Configuration) -> Configuration:
    return {name: value for name, value in current.items() if not name.endswith(_SUFFIXES)}


def _unpack(functions: Functions, version: Version) -> str | None:
    """Prepare a runtime and unpack a code, unless that is done; return the reason if it fails."""
    try:
        code = version.code
        functions.workers.prepare_runtime(version.configuration["Runtime"])
        if not code.folder.exists():
            codes.unpack(code)
    except ServiceError as error:
        log.warning("the code of a function cannot be unpacked: %s", error)
        return error.message
    except Exception as error:  # the caller has its response already, so the state reports it
        log.exception("a function cannot be made ready")
        return f"The local AWS failed to make the function ready: {error}"
    return None


def update_function_code(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Change the code; calls use the old code until the new one is unpacked."""
    function = _latest_of(functions, request)
    check_computer(request)
    data = codes.fetch(request, functions.settings, functions.region)
    codes.check(data)

    def change(before: Configuration) -> tuple[Configuration, Code]:
        code = codes.store(data, functions.code_folder())
        return before | configuration.of_code(code), code

    return _update(functions, function, request, change)


def update_function_configuration(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Change the configuration; environments with the old one end."""
    function = _latest_of(functions, request)
    check_computer(request)

    def change(before: Configuration) -> tuple[Configuration, Code]:
        changed = configuration.changed(before, request)
        configuration.check(changed, functions.settings, functions.region)
        return changed, function.latest.code

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
        changed, code = change(before.configuration)
        updating = _status("LastUpdateStatus", "InProgress", _CREATING)
        after = functions.new_version(changed | updating, code)
        # As on AWS, the old version is still called, but described as the new one.
        before.replaced, before.configuration = before.configuration, after.configuration
    return _finish(functions, function, after, request)


def _check_can_change(functions: Functions, function: Function, request: dict[str, Any]) -> None:
    current = function.latest.configuration
    check_revision(request.get("RevisionId"), current["RevisionId"])
    if current["State"] == "Pending" or current.get("LastUpdateStatus") == "InProgress":
        change = "creation" if current["State"] == "Pending" else "update"
        raise ResourceConflict(
            "The operation cannot be performed at this time. An "
            f"{change} is in progress for resource: {functions.place.arn(function.name)}"
        )


def _latest_of(functions: Functions, request: dict[str, Any]) -> Function:
    name, qualifier = functions.place.read(request["FunctionName"])
    if qualifier not in (None, LATEST):
        raise InvalidParameterValue(f"Only {LATEST} can be changed, not {qualifier!r}.")
    return functions.get(name)


def _get_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    described = get_function_configuration(functions, request)
    name, qualifier = functions.place.read(request["FunctionName"], request.get("Qualifier"))
    with functions.lock:
        tags = dict(functions.get(name).tags)
        archive = functions.version(name, qualifier).code.archive
    reserved = functions.concurrency.reserved(name)
    path = f"/_local_aws/functions/{functions.region}/{archive.parent.name}.zip"
    code = {"RepositoryType": "S3", "Location": functions.settings.endpoint_url + path}
    response: dict[str, Any] = {"Configuration": described, "Code": code}
    if tags:
        response["Tags"] = tags
    if reserved is not None:
        response["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return response


def get_function_configuration(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a version; its ARN has the qualifier of the request."""
    name, qualifier = functions.place.read(request["FunctionName"], request.get("Qualifier"))
    with functions.lock:
        described = dict(functions.version(name, qualifier).configuration)
    return described | {"FunctionArn": functions.place.arn(name, qualifier)}


def delete_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a function, or one published version without an alias."""
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
        if qualifier in function.aliases:
            raise InvalidParameterValue("Deletion of aliases is not currently supported.")
        if any(qualifier in function.versions_of(alias) for alias in function.aliases):
            raise ResourceConflict(f"An alias points to version {qualifier} of {name}.")
        functions.version(name, qualifier)
        functions.retire([function.versions.pop(qualifier)])
        function.event_invoke.pop(qualifier, None)
    return {}


def list_functions(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return one page of configurations, of $LATEST or of all versions."""
    everything = request.get("FunctionVersion") == "ALL"
    with functions.lock:
        configurations = [
            dict(version.configuration)
            for function in functions.table.values()
            for version in (function.all_versions() if everything else [function.latest])
        ]
    return page(configurations, request, "Functions")


OPERATIONS = {
    "CreateFunction": create_function,
    "GetFunction": _get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "DeleteFunction": delete_function,
    "ListFunctions": list_functions,
}
