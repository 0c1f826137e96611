"""The API itself: a request in, its function invoked, an answer out, a line in the access log."""

import json
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from local_aws.apigateway.errors import Refusal, function_failed, not_found, unavailable
from local_aws.apigateway.events import Place, build_event
from local_aws.apigateway.incoming import Incoming, split_cookies
from local_aws.apigateway.integrations import Target
from local_aws.apigateway.outgoing import Outgoing, read_answer
from local_aws.apigateway.records import Api, Stage
from local_aws.apigateway.routing import DEFAULT, Match
from local_aws.bodies import read_body
from local_aws.errors import FunctionNotFound, RequestTooLarge, ServiceError, TooManyRequests
from local_aws.functions import Outcome
from local_aws.region import Region

_MOST_BYTES = 10 * 2**20
_MOST_ANSWER_BYTES = 6 * 2**20  # of a function, as Lambda has it
_SERVICE = "apigateway.amazonaws.com"
_PROTOCOL = "HTTP/1.1"
# Of the connection to the gateway, which the function never sees.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "expect"}
log = logging.getLogger(__name__)


Invoke = Callable[[str, str | None, bytes], Outcome]


class _TooLarge(ServiceError):
    """The body is longer than an API takes, or broken."""


@dataclass
class _Call:
    """One request on its way."""

    incoming: Incoming
    api: Api
    stage: Stage
    stage_name: str
    route_path: str  # without the stage's name
    started: float
    match: Match | None = None
    integration_seconds: float | None = None


def call_api(request: Request, region: Region, api_id: str, path: str) -> Response:
    """Answer one request for a path of an API."""
    api = region.apis.get(api_id)
    if api is None:
        return Response('{"message":"Not Found"}', 404, content_type="application/json")
    try:
        call = _begin(request, api, path)
    except Refusal as refusal:
        return _response(_refused(refusal), "")
    failure = ""
    try:
        answer = _run(call, region)
    except Refusal as refusal:
        answer, failure = _refused(refusal), refusal.reason
    except Exception as error:
        log.exception("the API %s failed", api.api_id)
        answer, failure = _refused(function_failed("")), f"The local AWS failed: {error!r}"
    log_of_stage = call.stage.log  # another request may take it away
    if log_of_stage is not None:
        log_of_stage.write(_log_context(call, region, answer, failure))
    return _response(answer, call.incoming.request_id)


def _run(call: _Call, region: Region) -> Outgoing:
    incoming, name, stage = call.incoming, call.stage_name, call.stage
    router, bucket = stage.router, stage.bucket
    match = router.find(incoming.method, call.route_path) if router else None
    if match is None:
        raise not_found()
    call.match = match
    if bucket is not None and not bucket.take():
        raise Refusal(429, "Too Many Requests", "The stage's throttle has no token left.")
    _check_permission(call, match, region)
    account = region.settings.account_id
    variables = stage.record.get("StageVariables", {})
    event = build_event(incoming, match, Place(account, call.api.api_id, name, variables))
    began = time.monotonic()
    try:
        outcome = _invoke(region.functions.invoke, match.target, json.dumps(event).encode())
    finally:
        call.integration_seconds = time.monotonic() - began
    if outcome.function_error is not None:
        raise function_failed(f"The function failed: {outcome.function_error}")
    if len(outcome.payload) > _MOST_ANSWER_BYTES:
        raise function_failed("The function's answer is longer than 6 MB.")
    return read_answer(outcome.payload, match.target.payload_format)


def _check_permission(call: _Call, match: Match, region: Region) -> None:
    account = region.settings.account_id
    key = match.route_key
    # A route of ANY method is called by the one that the request has.
    route = key if key == DEFAULT else call.incoming.method + key.partition(" ")[2]
    source = (
        f"arn:aws:execute-api:{region.name}:{account}:{call.api.api_id}/{call.stage_name}/{route}"
    )
    if not _is_permitted(region, match.target, source):
        raise function_failed(
            "The IAM role configured on the integration or API Gateway doesn't have "
            "permissions to call the integration. Check the permissions and try again."
        )


def _begin(request: Request, api: Api, path: str) -> _Call:
    """Read a request and find its stage; raise Refusal if there is none, or it is too long."""
    stage_name, _, rest = path.removeprefix("/").partition("/")
    stage, route_path = api.stages.get(stage_name), f"/{rest}"
    if stage is None or stage_name == DEFAULT:
        stage_name, stage, route_path = DEFAULT, api.stages.get(DEFAULT), path
    if stage is None:
        raise not_found()
    try:
        body = read_body(request, _MOST_BYTES, _TooLarge)
    except _TooLarge as error:
        if error.__cause__ is not None:  # it broke off
            raise Refusal(400, "Bad Request") from error
        raise Refusal(413, "Request Entity Too Large") from error
    domain = str(api.record["ApiEndpoint"]).removeprefix("https://")
    headers = {name.lower(): text for name, text in request.headers.items()}
    for name in _HOP_BY_HOP & headers.keys():
        del headers[name]
    source_ip = request.remote_addr or "127.0.0.1"
    headers |= {
        "host": domain,
        "content-length": str(len(body)),
        "x-amzn-trace-id": f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}",
        "x-forwarded-for": ", ".join(filter(None, [headers.get("x-forwarded-for"), source_ip])),
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    incoming = Incoming(
        method=request.method,
        path=path,
        query=request.query_string.decode("latin-1"),
        headers=dict(sorted(headers.items())),
        cookies=split_cookies(headers.get("cookie", "")),
        body=body,
        source_ip=source_ip,
        domain=domain,
    )
    return _Call(incoming, api, stage, stage_name, route_path, time.monotonic())


def _is_permitted(region: Region, target: Target, source_arn: str) -> bool:
    name = f"{target.name}:{target.qualifier}" if target.qualifier else target.name
    try:
        return region.functions.permits(name, _SERVICE, source_arn)
    except FunctionNotFound:
        return False


def _invoke(invoke: Invoke, target: Target, payload: bytes) -> Outcome:
    """Invoke a function, and wait no longer than the integration's time-out.

    A function that takes longer goes on, as on AWS; nobody hears its answer.
    """
    answers: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(invoke(target.name, target.qualifier, payload))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = answers.get(timeout=target.timeout_seconds)
    except queue.Empty as error:
        raise unavailable("The integration timed out.") from error
    if not isinstance(answer, Exception):
        return answer
    if isinstance(answer, TooManyRequests):
        raise unavailable(f"The function is throttled: {answer.message}") from answer
    if isinstance(answer, RequestTooLarge):  # Lambda takes less than the API does
        raise Refusal(413, "Request Entity Too Large", answer.message) from answer
    if isinstance(answer, ServiceError):
        raise function_failed(f"The function cannot be invoked: {answer.message}") from answer
    raise answer


def _refused(refusal: Refusal) -> Outgoing:
    body = json.dumps({"message": refusal.message}, separators=(",", ":")).encode()
    return Outgoing(refusal.status, [("content-type", "application/json")], body)


def _response(answer: Outgoing, request_id: str) -> Response:
    response = Response(answer.body, answer.status, answer.headers)
    if request_id:
        response.headers["apigw-requestid"] = request_id
    return response


def _log_context(call: _Call, region: Region, answer: Outgoing, failure: str) -> dict[str, Any]:
    """Return what the variables of an access log's format stand for."""
    incoming = call.incoming
    seconds = call.integration_seconds
    integration_ms = None if seconds is None else round(seconds * 1000)
    refused = answer.status if failure else None
    return {
        "accountId": region.settings.account_id,
        "apiId": call.api.api_id,
        "domainName": incoming.domain,
        "domainPrefix": call.api.api_id,
        "error.message": failure,
        "error.messageString": f'"{failure}"' if failure else None,
        "extendedRequestId": incoming.request_id,
        "httpMethod": incoming.method,
        "identity.sourceIp": incoming.source_ip,
        "identity.userAgent": incoming.user_agent,
        "integration.error": failure,
        "integration.latency": integration_ms,
        "integrationErrorMessage": failure,
        "integrationLatency": integration_ms,
        "integrationStatus": None if seconds is None else refused or 200,
        "path": incoming.path,
        "protocol": _PROTOCOL,
        "requestId": incoming.request_id,
        "requestTime": incoming.time_text,
        "requestTimeEpoch": incoming.epoch_ms,
        "responseLatency": round((time.monotonic() - call.started) * 1000),
        "responseLength": len(answer.body),
        "routeKey": call.match.route_key if call.match else None,
        "stage": call.stage_name,
        "status": answer.status,
    }
