"""Calls of functions by clients (the operation Invoke) and by other services of AWS."""

import base64
import json
import logging
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from local_aws.awslambda.calls import MAX_AGE, MAX_EVENT_BYTES, RETRIES, Call, check_payload
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.service import Functions
from local_aws.errors import ServiceError

log = logging.getLogger(__name__)


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


def receive(
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
