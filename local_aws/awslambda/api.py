"""Lambda's REST API."""

import base64
import json
import logging
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from local_aws.awslambda.calls import (
    MAX_AGE,
    MAX_EVENT_BYTES,
    MAX_REQUEST_BYTES,
    RETRIES,
    Call,
    check_payload,
    not_json,
)
from local_aws.awslambda.errors import RequestTooLarge
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations import OPERATIONS
from local_aws.awslambda.rules import RULES
from local_aws.awslambda.saving import restore as restore
from local_aws.awslambda.saving import saved as saved
from local_aws.awslambda.service import Functions
from local_aws.errors import (
    MissingToken,
    ServiceError,
    UnknownOperation,
    as_service_error,
    not_reproduced,
)
from local_aws.parsing import find_operation, read_body, read_members
from local_aws.permissions.checks import check
from local_aws.rules import check_members

SERVICE = "lambda"
INVOKE = "Invoke"
_JSON = "application/json"
_PATH = re.compile(r"/20[0-9]{2}-[0-9]{2}-[0-9]{2}/(functions|layers|tags|event-source-mappings)\b")
new_region, stop = Functions, Functions.stop
_ZIP = re.compile(r"/_local_aws/functions/([a-z0-9-]+)/([0-9a-f]{32})\.zip")  # see _get_function
_MAX_BYTES = 70_167_211  # AWS's limit: a zip of 50 MB in base64
log = logging.getLogger(__name__)


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for Lambda; without a signature, its path decides."""
    is_unsigned = not signed_for and "X-Amz-" not in environ.get("QUERY_STRING", "")
    path = environ.get("PATH_INFO", "")
    by_path = _PATH.match(path) or _ZIP.fullmatch(path)
    return signed_for == SERVICE or (is_unsigned and by_path is not None)


def answer(request: Request, region: Functions) -> Response:
    """Run the operation that method and path name."""
    request_id = str(uuid.uuid4())
    if place := _ZIP.fullmatch(request.path):
        return _download(region.settings.state_dir / place[1] / "functions" / "code" / place[2])
    try:
        if "Credential=" not in request.headers.get("Authorization", ""):
            raise MissingToken
        return _run(request, region, request_id)
    except Exception as failure:
        return _error(as_service_error(failure, "Lambda", request_id), request_id)


def _run(request: Request, region_functions: Functions, request_id: str) -> Response:
    match = find_operation(SERVICE, request)
    if match is None:
        raise UnknownOperation(f"Lambda has no operation at {request.method} {request.path[:200]}.")
    model, variables = match
    _check_permission(model.name, variables, request, region_functions)
    if model.name not in (*OPERATIONS, INVOKE):
        raise not_reproduced(f"the operation {model.name}")
    max_bytes = MAX_REQUEST_BYTES if model.name == INVOKE else _MAX_BYTES
    body = read_body(request, max_bytes, RequestTooLarge)
    members = read_members(request, model.input_shape, variables, body, not_json)
    check_members(members, RULES.get(model.name), model.name)
    if model.name == INVOKE:
        return invoke(region_functions, members)
    result = OPERATIONS[model.name](region_functions, members)
    status = model.http["responseCode"]
    content = json.dumps(result) if model.output_shape is not None and status != 204 else ""
    return Response(content, status, {"x-amzn-RequestId": request_id}, content_type=_JSON)


def _download(folder: Path) -> Response:
    """Return the zip of a code; like the presigned addresses of AWS, it needs no credentials."""
    zipped = folder / "code.zip"
    if not zipped.is_file():
        return Response("This code does not exist any more.\n", 404, content_type="text/plain")
    return Response(zipped.read_bytes(), content_type="application/zip")


def _check_permission(
    operation: str, variables: dict[str, str], request: Request, region_functions: Functions
) -> None:
    action = "lambda:InvokeFunction" if operation == INVOKE else f"lambda:{operation}"
    name, arn = variables.get("FunctionName") or variables.get("Resource"), "*"
    if name is not None:
        place = region_functions.place
        arn = place.arn(*place.read(name, request.args.get("Qualifier")))
    check(dict(request.headers), action, arn)


def _error(error: ServiceError, request_id: str) -> Response:
    is_client_error = 400 <= error.status < 500
    kind = "User" if is_client_error else "Service"
    body = json.dumps({"Type": kind, "message": error.message, **error.fields})
    headers = {
        "x-amzn-ErrorType": error.code if is_client_error else "ServiceException",
        "x-amzn-RequestId": request_id,
    }
    return Response(body, error.status, headers, content_type=_JSON)


def invoke(functions: Functions, request: dict[str, Any]) -> Response:
    """Return the response to Invoke, in the type RequestResponse, Event, or DryRun."""
    call = Call(request["FunctionName"], request.get("Qualifier"), request["Payload"])
    kind = request.get("InvocationType", "RequestResponse")
    if kind == "RequestResponse":
        return _call(functions, call, request.get("LogType") == "Tail")
    headers = {"x-amzn-RequestId": call.request_id}
    if kind == "DryRun":
        functions.version(*functions.place.read(call.name, call.qualifier))
        return Response(b"", 204, headers)
    _enqueue(functions, call)
    return Response(b"", 202, headers)


def send_event(
    functions: Functions, arn: str, service: str, source_arn: str, event: Mapping[str, Any]
) -> None:
    """Queue an event that a service sends for one of its resources; log why it is not, as on AWS.

    The resource policy of exactly the function, version, or alias must allow it.
    """
    try:
        if functions.permits(arn, service, source_arn):
            _enqueue(functions, Call(arn, None, json.dumps(event).encode()))
            return
        reason = f"its resource policy does not allow {service}. Allow it with AddPermission."
    except ServiceError as error:
        reason = str(error)
    log.warning("%s was not invoked for %s: %s", arn, source_arn, reason)


def _enqueue(functions: Functions, call: Call) -> None:
    name, qualifier = functions.place.read(call.name, call.qualifier)
    check_payload(call.payload, MAX_EVENT_BYTES)
    functions.ready_version(name, qualifier)
    config = functions.get(name).event_invoke.get(qualifier or LATEST, {})
    functions.events.put(
        call,
        config.get("MaximumRetryAttempts", RETRIES),
        config.get("MaximumEventAgeInSeconds", MAX_AGE),
    )


def _call(functions: Functions, call: Call, with_tail: bool) -> Response:
    outcome = functions.call(call)
    headers = {
        "x-amzn-RequestId": call.request_id,
        "X-Amz-Executed-Version": outcome.executed_version,
    }
    if outcome.function_error is not None:
        headers["X-Amz-Function-Error"] = outcome.function_error
    if with_tail:
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.log_tail).decode()
    return Response(outcome.payload, 200, headers, content_type="application/json")
