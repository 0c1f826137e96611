"""Calls of an HTTP API: find the route, invoke its function, write the access log."""

import json
import queue
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from local_aws.access import SENT_HEADERS
from local_aws.apigateway.errors import Denied, Refusal, function_failed, unavailable
from local_aws.apigateway.events import ApiRequest, Place, build_event
from local_aws.apigateway.records import Api, FunctionService, Region, Stage
from local_aws.apigateway.responses import ApiResponse, read_response
from local_aws.apigateway.routing import DEFAULT, Match, Target
from local_aws.apigateway.security.authorization import authorize
from local_aws.apigateway.security.cors import preflight, with_cors
from local_aws.apigateway.stages import fill
from local_aws.errors import ServiceError, as_service_error
from local_aws.monitoring.metrics import Value, dimensions, record
from local_aws.parsing import read_body

_MAX_REQUEST_BYTES = 10 * 2**20
_MAX_HEAD_BYTES = 10_240  # of the request line and the values of the headers
_REFUSED_METHODS = ("TRACE", "CONNECT")
_MAX_RESPONSE_BYTES = 6 * 2**20  # Lambda's limit
_SERVICE = "apigateway.amazonaws.com"
# Headers of the connection to the gateway, which the function never sees.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "expect"}
_Result = tuple[bytes, str | None]  # the response of a function, and its error


class _UnreadableBody(ServiceError):
    """The body is too long or incomplete."""


@dataclass
class _Call:
    """One request and its progress."""

    request: ApiRequest
    sent: Request
    api: Api
    stage: Stage
    stage_name: str
    route_path: str  # without the name of the stage
    started: float
    match: Match | None = None
    caller: dict[str, Any] | None = None  # that a guard let pass
    denied: str = ""  # why it did not
    integration_seconds: float | None = None


def call_api(request: Request, region: Region, api_id: str, path: str) -> Response:
    """Respond to one request for a path of an API."""
    api = region.apis.get(api_id)
    try:
        call = _begin(request, api, path)
    except Refusal as refusal:
        return _http_response(_refusal_response(refusal), "")
    failure = ""
    try:
        response = _run(call, region)
    except Denied as refusal:
        response, call.denied = _refusal_response(refusal), refusal.reason
    except Refusal as refusal:
        response, failure = _refusal_response(refusal), refusal.reason
    except Exception as error:
        failure = as_service_error(error, f"The API {api_id}", call.request.request_id).message
        response = _refusal_response(function_failed(""))
    _measure(call, region, response)
    log, settings = call.stage.log, call.stage.record.get("AccessLogSettings")
    if log is not None and settings is not None:  # another request may remove them
        log.write(fill(settings["Format"], _log_context(call, region, response, failure)))
    return _http_response(response, call.request.request_id)


def _begin(request: Request, api: Api | None, path: str) -> _Call:
    """Read a request and find its stage; raise Refusal if that is not possible."""
    if request.method in _REFUSED_METHODS:
        raise Refusal(405, "Method Not Allowed")
    if _head_bytes(request, path) > _MAX_HEAD_BYTES:
        raise Refusal(431, "Request Header Fields Too Large")
    stages = api.stages if api is not None else {}
    stage_name, _, rest = path.removeprefix("/").partition("/")
    route_path = f"/{rest}"
    if stage_name not in stages or stage_name == DEFAULT:
        stage_name, route_path = DEFAULT, path
    if api is None or stage_name not in stages:
        raise Refusal(404, "Not Found")
    try:
        body = read_body(request, _MAX_REQUEST_BYTES, _UnreadableBody)
    except _UnreadableBody as error:
        if error.__cause__ is not None:  # the body is incomplete
            raise Refusal(400, "Bad Request") from error
        raise Refusal(413, "Request Entity Too Large") from error
    domain = str(api.record["ApiEndpoint"]).removeprefix("https://")
    source_ip = request.remote_addr or "127.0.0.1"
    api_request = ApiRequest(
        method=request.method,
        path=path,
        query=request.query_string.decode("latin-1"),
        headers=_headers(request, domain, source_ip, len(body)),
        body=body,
        source_ip=source_ip,
        domain=domain,
        sent=request.environ.get(SENT_HEADERS, ()),
    )
    stage, started = stages[stage_name], time.monotonic()
    return _Call(api_request, request, api, stage, stage_name, route_path, started)


def _head_bytes(request: Request, path: str) -> int:
    """Return the size of the request line, without the local address, and of all header values."""
    query = request.query_string.decode("latin-1")
    line = f"{request.method} {path}{'?' if query else ''}{query} HTTP/1.1"
    return len(line) + sum(len(text) for text in request.headers.values())


def _headers(request: Request, domain: str, source_ip: str, length: int) -> dict[str, str]:
    """Return the headers of a request with those that the gateway adds."""
    headers = {name.lower(): text for name, text in request.headers.items()}
    headers = {name: text for name, text in headers.items() if name not in _HOP_BY_HOP}
    headers |= {
        "host": domain,
        "content-length": str(length),
        "x-amzn-trace-id": f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}",
        "x-forwarded-for": ", ".join(filter(None, [headers.get("x-forwarded-for"), source_ip])),
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    return dict(sorted(headers.items()))


def _run(call: _Call, region: Region) -> ApiResponse:
    request, name, stage = call.request, call.stage_name, call.stage
    match = call.match = call.api.router.find(request.method, call.route_path)
    cors = call.api.cors
    if match is None and cors is not None and request.method == "OPTIONS":
        return preflight(cors, request.headers)
    if match is None:
        raise Refusal(404, "Not Found")
    bucket = stage.bucket
    if bucket is not None and not bucket.take():
        raise Refusal(429, "Too Many Requests", "The throttle of the stage has no token left.")
    if match.guard is not None:
        route = f"{name}/{request.method}{call.route_path}"
        arn = _arn(call, region, route)
        call.caller = authorize(match.guard, request, call.sent, region.name, arn)
    _check_permission(call, match, region)
    variables = stage.record["StageVariables"]
    place = Place(region.settings.account_id, call.api.api_id, name, variables, call.caller)
    payload = json.dumps(build_event(request, match, place)).encode()
    started = time.monotonic()
    try:
        result, error = _invoke(region.functions, match.target, payload)
    finally:
        call.integration_seconds = time.monotonic() - started
    if error is not None:
        raise function_failed(f"The function failed: {error}")
    if len(result) > _MAX_RESPONSE_BYTES:
        raise function_failed("The result of the function is longer than 6 MB.")
    response = read_response(result, match.target.payload_format)
    return response if cors is None else with_cors(cors, request.headers, response)


def _arn(call: _Call, region: Region, route: str) -> str:
    account = region.settings.account_id
    return f"arn:aws:execute-api:{region.name}:{account}:{call.api.api_id}/{route}"


def _check_permission(call: _Call, match: Match, region: Region) -> None:
    """Raise Refusal unless the function permits the API to invoke it."""
    target, key = match.target, match.route_key
    name = f"{target.name}:{target.qualifier}" if target.qualifier else target.name
    # A route with the method ANY is called with the method of the request.
    route = key if key == DEFAULT else call.request.method + key.partition(" ")[2]
    source = _arn(call, region, f"{call.stage_name}/{route}")
    try:
        permitted = region.functions.permits(name, _SERVICE, source)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        permitted = False
    if not permitted:
        raise function_failed(
            "The IAM role configured on the integration or API Gateway doesn't have "
            "permissions to call the integration. Check the permissions and try again."
        )


def _invoke(functions: FunctionService, target: Target, payload: bytes) -> _Result:
    """Invoke a function and wait no longer than the timeout of the integration.

    As on AWS, a function that takes longer continues, and its result is dropped.
    """
    results: queue.SimpleQueue[_Result | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(functions.invoke(target.name, target.qualifier, payload))
        except Exception as error:
            results.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=target.timeout_seconds)
    except queue.Empty as error:
        raise unavailable("The integration timed out.") from error
    if isinstance(result, ServiceError):
        if result.code == "TooManyRequestsException":
            raise unavailable(f"The function is throttled: {result.message}") from result
        if result.code == "RequestTooLargeException":  # Lambda's limit is lower than the API's
            raise Refusal(413, "Request Entity Too Large", result.message) from result
        raise function_failed(f"The function cannot be invoked: {result.message}") from result
    if isinstance(result, Exception):
        raise result
    return result


def _measure(call: _Call, region: Region, response: ApiResponse) -> None:
    values: list[Value] = [
        ("Count", 1.0, "Count"),
        ("4xx", float(400 <= response.status < 500), "Count"),
        ("5xx", float(response.status >= 500), "Count"),
        ("Latency", (time.monotonic() - call.started) * 1000, "Milliseconds"),
        ("DataProcessed", float(len(call.request.body) + len(response.body)), "Bytes"),
    ]
    if call.integration_seconds is not None:  # the call has reached the function
        values.append(("IntegrationLatency", call.integration_seconds * 1000, "Milliseconds"))
    api = dimensions(ApiId=call.api.api_id)
    record(region.name, "AWS/ApiGateway", [api, (*api, ("Stage", call.stage_name))], values)


def _refusal_response(refusal: Refusal) -> ApiResponse:
    body = json.dumps({"message": refusal.message}, separators=(",", ":")).encode()
    headers = [("content-type", "application/json")]
    if refusal.challenge:
        headers.append(("www-authenticate", refusal.challenge))
    return ApiResponse(refusal.status, headers, body)


def _http_response(response: ApiResponse, request_id: str) -> Response:
    converted = Response(response.body, response.status, response.headers)
    if request_id:
        converted.headers["apigw-requestid"] = request_id
    return converted


def _log_context(
    call: _Call, region: Region, response: ApiResponse, failure: str
) -> dict[str, Any]:
    """Return the values of the variables that an access log's format may contain."""
    request = call.request
    seconds = call.integration_seconds
    integration_ms = None if seconds is None else round(seconds * 1000)
    integration_status = response.status if failure else 200
    return {
        "accountId": region.settings.account_id,
        "apiId": call.api.api_id,
        "authorizer.error": call.denied,
        "domainName": request.domain,
        "domainPrefix": call.api.api_id,
        "error.message": failure,
        "error.messageString": f'"{failure}"' if failure else None,
        "extendedRequestId": request.request_id,
        "httpMethod": request.method,
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.user_agent,
        "integration.error": failure,
        "integration.latency": integration_ms,
        "integrationErrorMessage": failure,
        "integrationLatency": integration_ms,
        "integrationStatus": None if seconds is None else integration_status,
        "path": request.path,
        "protocol": request.protocol,
        "requestId": request.request_id,
        "requestTime": request.time_text,
        "requestTimeEpoch": request.epoch_ms,
        "responseLatency": round((time.monotonic() - call.started) * 1000),
        "responseLength": len(response.body),
        "routeKey": call.match.route_key if call.match else None,
        "stage": call.stage_name,
        "status": response.status,
    }
