"""The operation Invoke: the types of invocation, the headers of the response, the log tail."""

import base64
import json
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from local_aws.awslambda.calls import MAX_EVENT_BYTES, Call, check_payload
from local_aws.awslambda.errors import InvalidParameterValue, InvalidRequestContent
from local_aws.awslambda.event_queue import MAX_AGE, RETRIES
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.service import Functions

_MAX_CONTEXT_BYTES = 3583


def invoke(functions: Functions, request: dict[str, Any]) -> Response:
    """Return the response to Invoke, in the type RequestResponse, Event, or DryRun."""
    call = Call(
        request["FunctionName"],
        request.get("Qualifier"),
        request["Payload"],
        _client_context(request.get("ClientContext")),
    )
    kind = request.get("InvocationType", "RequestResponse")
    if kind == "RequestResponse":
        return _call(functions, call, request.get("LogType") == "Tail")
    headers = {"x-amzn-RequestId": call.request_id}
    if kind == "DryRun":
        functions.version(*functions.place.read(call.name, call.qualifier))
        return Response(b"", 204, headers)
    enqueue(functions, call)
    return Response(b"", 202, headers)


def enqueue(functions: Functions, call: Call) -> None:
    """Queue a call, whose caller does not wait for its response."""
    name, qualifier = functions.place.read(call.name, call.qualifier)
    check_payload(call.payload, MAX_EVENT_BYTES)
    functions.ready_version(name, qualifier)
    config = functions.get(name).event_invoke.get(qualifier or LATEST, {})
    functions.events.put(
        replace(call, client_context=None),  # only synchronous calls have one
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


def _client_context(encoded: str | None) -> str | None:
    """Return the JSON in a base64 header, on one line."""
    if not encoded:
        return None
    if len(encoded) > _MAX_CONTEXT_BYTES:
        raise InvalidParameterValue(
            f"ClientContext has {len(encoded)} bytes; expected at most {_MAX_CONTEXT_BYTES}."
        )
    try:
        content = json.loads(base64.b64decode(encoded, validate=True))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise InvalidRequestContent("Client context must be a valid Base64-encoded JSON object.")
    return json.dumps(content)
