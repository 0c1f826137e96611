"""apigatewayv2's door: paths and JSON in, JSON out, one operation each."""

import json
import logging
import re
import uuid
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import Shape
from moto.core.model import OperationModel, ServiceModel
from moto.core.serialize import RestJSONSerializer, SerializationContext
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from local_aws.addresses import split_address
from local_aws.apigateway import apis, stages, tags
from local_aws.apigateway.allowed import ALLOWED
from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.gateway import call_api
from local_aws.bodies import read_body
from local_aws.errors import ServiceError, ValidationError
from local_aws.permissions import check
from local_aws.region import Region
from local_aws.rules import check_members
from local_aws.validation import validate

PREFIX = "/v2/"
OPERATIONS: dict[str, apis.Operation] = {**apis.OPERATIONS, **stages.OPERATIONS, **tags.OPERATIONS}
_MOST_BYTES = 8 * 2**20
_PAGE = 100
log = logging.getLogger(__name__)


@cache
def service_model() -> ServiceModel:
    """Return botocore's own description of apigatewayv2, in moto's reading of it."""
    return get_service_model("apigatewayv2")


@cache
def _paths() -> list[tuple[str, re.Pattern[str], str]]:
    """Return method, path and name of every operation of the service, fixed paths first."""
    found = []
    for name in service_model().operation_names:
        http = service_model().operation_model(name).http
        path = re.sub(r"\\{[A-Za-z\\-]+\\}", "([^/]+)", re.escape(http["requestUri"]))
        found.append((http["method"], re.compile(path + "/?"), name))
    return sorted(found, key=lambda item: item[1].pattern.count("([^/]+)"))


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for an HTTP API, or for the service that manages them."""
    if split_address(environ) is not None:
        return True
    return signed_for == "apigateway" and environ.get("PATH_INFO", "").startswith(PREFIX)


def answer(request: Request, region: Region) -> Response:
    """Call the API that the address names, or run the operation that method and path name."""
    address = split_address(request.environ)
    return _operate(request, region) if address is None else call_api(request, region, *address)


def _operate(request: Request, region: Region) -> Response:
    request_id = str(uuid.uuid4())
    try:
        body = read_body(request, _MOST_BYTES, BadRequest)
        return _run(request, body, region, request_id)
    except ServiceError as error:
        # The service model's own check has another spelling of its code than API Gateway.
        code = BadRequest.code if type(error) is ValidationError else error.code
        return _error(error.status, code, error.message, request_id)
    except Exception:
        log.exception("apigatewayv2 failed (request %s)", request_id)
        message = "apigatewayv2 failed inside the local AWS"
        return _error(500, "InternalFailure", message, request_id)


def _run(request: Request, body: bytes, region: Region, request_id: str) -> Response:
    # The path as it was sent: an ARN in it has slashes of its own.
    path = request.environ.get("REQUEST_URI", request.path).partition("?")[0]
    check(dict(request.headers), *_authorization(request.method, path, region))
    model, values = _operation(request.method, path)
    if model.name not in OPERATIONS:
        raise BadRequest(f"The local AWS does not reproduce the operation {model.name}.")
    given = _read(model, values, request, body)
    validate(given, model.input_shape)
    if model.name in ALLOWED:
        check_members(given, ALLOWED[model.name], model.name, "")
    with region.lock:
        result = _paged(OPERATIONS[model.name](region, given), given)
        serializer: Any = RestJSONSerializer(model, SerializationContext(request_id))
        made: dict[str, Any] = dict(serializer.serialize(result))
    headers = {"x-amzn-RequestId": request_id}
    return Response(made["body"], made["status_code"], headers, content_type="application/json")


def _authorization(method: str, path: str, region: Region) -> tuple[str, str]:
    """Return the IAM action, which API Gateway names by the method, and the ARN of the path."""
    resource = path.removeprefix(PREFIX.rstrip("/"))
    return f"apigateway:{method}", f"arn:aws:apigateway:{region.name}::{resource}"


def _operation(method: str, path: str) -> tuple[OperationModel, tuple[str, ...]]:
    for known, pattern, name in _paths():
        found = pattern.fullmatch(path)
        if known == method and found:
            values = tuple(unquote(value) for value in found.groups())
            return service_model().operation_model(name), values
    raise BadRequest(f"The local AWS knows no operation of apigatewayv2 at {method} {path[:200]}.")


def _read(
    model: OperationModel, values: tuple[str, ...], request: Request, body: bytes
) -> dict[str, Any]:
    """Return the members of a request from its path, its query string and its body."""
    names = re.findall(r"\{([A-Za-z-]+)\}", model.http["requestUri"])
    in_path = dict(zip(names, values, strict=True))
    given = _members(_json(body), model.input_shape) if body else {}
    for name, shape in model.input_shape.members.items():
        location, key = shape.serialization.get("location"), shape.serialization.get("name", name)
        if location == "uri":
            given[name] = in_path[key]
        elif location == "querystring" and key in request.args:
            text = request.args[key]
            several = shape.type_name == "list"
            truth = text == "true" if shape.type_name == "boolean" else text
            given[name] = request.args.getlist(key) if several else truth
    return given


def _json(body: bytes) -> Any:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"Unable to parse the body of the request: {error}") from error
    if not isinstance(content, dict):
        raise BadRequest("The body of the request must be a JSON object.")
    return content


def _members(value: Any, shape: Shape) -> Any:
    """Return JSON with its keys as the service model names them; unknown ones are refused."""
    if shape.type_name == "structure" and isinstance(value, dict):
        names = {
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if "location" not in member.serialization
        }
        for key in value:
            if key not in names:
                raise BadRequest(f"Unknown member {key[:100]!r} in the body of the request.")
        return {
            names[key][0]: _members(item, names[key][1])
            for key, item in value.items()
            if item is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_members(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _members(item, shape.value) for key, item in value.items()}
    return value


def _paged(result: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return one page of a listing; its token is the number of the next item."""
    if "Items" not in result:
        return result
    start = _number(request.get("NextToken", "0"), "nextToken")
    most = _number(request.get("MaxResults", str(_PAGE)), "maxResults")
    if most == 0:
        raise BadRequest("maxResults must be at least 1")
    items = result["Items"][start : start + most]
    following = start + most < len(result["Items"])
    return {"Items": items} | ({"NextToken": str(start + most)} if following else {})


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise BadRequest(f"{name} is no number: {text[:50]!r}")
    return int(text)


def _error(status: int, code: str, message: str, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": code}
    body = {"message": message}
    return Response(json.dumps(body), status, headers, content_type="application/json")
