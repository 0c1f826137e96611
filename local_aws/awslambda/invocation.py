"""Invoke: the types of invocation, the headers of the answer, the end of the log."""

import base64
import json
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from local_aws.awslambda.calls import MOST_EVENT_BYTES, Call, check_payload
from local_aws.awslambda.service import Functions
from local_aws.errors import InvalidParameterValue, InvalidRequestContent

_MOST_CONTEXT_BYTES = 3583
_JSON = "application/json"


def invoke(functions: Functions, request: dict[str, Any]) -> Response:
    """Answer Invoke; the kind is RequestResponse unless the request says Event or DryRun."""
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
    name, qualifier = functions.place.read(call.name, call.qualifier)
    if kind == "DryRun":
        functions.version(name, qualifier)
        return Response(b"", 204, headers)
    check_payload(call.payload, MOST_EVENT_BYTES)
    functions.ready_version(name, qualifier)
    functions.events.put(replace(call, client_context=None))  # which synchronous calls only have
    return Response(b"", 202, headers)


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
    return Response(outcome.payload, 200, headers, content_type=_JSON)


def _client_context(given: str | None) -> str | None:
    """Return the JSON that a client sent in base64, on one line as a header has it."""
    if not given:
        return None
    if len(given) > _MOST_CONTEXT_BYTES:
        raise InvalidParameterValue(
            f"ClientContext has {len(given)} bytes; expected at most {_MOST_CONTEXT_BYTES}."
        )
    try:
        return json.dumps(json.loads(base64.b64decode(given, validate=True)))
    except (ValueError, RecursionError) as error:
        raise InvalidRequestContent(
            f"Client context must be a valid Base64-encoded JSON object: {error}"
        ) from error
