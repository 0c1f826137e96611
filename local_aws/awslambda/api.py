"""Lambda's REST API: the path names the operation, botocore's service model says how to read it."""

import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from werkzeug.wrappers import Request, Response

from local_aws.awslambda.allowed import check_allowed
from local_aws.awslambda.calls import MOST_REQUEST_BYTES
from local_aws.awslambda.invocation import invoke
from local_aws.awslambda.operations import aliases, functions, limits, permissions, versions
from local_aws.awslambda.service import Functions
from local_aws.errors import (
    InvalidRequestContent,
    RequestTooLarge,
    ServiceError,
    UnknownOperation,
    ValidationError,
    not_reproduced,
)
from local_aws.permissions import check
from local_aws.region import Region
from local_aws.requests import read_body
from local_aws.validation import validate

Operation = Callable[[Functions, dict[str, Any]], dict[str, Any]]
OPERATIONS: dict[str, Operation] = {
    **functions.OPERATIONS,
    **versions.OPERATIONS,
    **aliases.OPERATIONS,
    **permissions.OPERATIONS,
    **limits.OPERATIONS,
}
INVOKE = "Invoke"
log = logging.getLogger(__name__)
_JSON = "application/json"
_MOST_BYTES = 70_167_211  # a zip of 50 MB in base64, as AWS counts
_CLIENT_ERRORS = range(400, 500)


@cache
def service_model() -> ServiceModel:
    """Return botocore's own description of Lambda."""
    return botocore.session.get_session().get_service_model("lambda")


def attach(region: Region) -> None:
    """Give a new region its functions."""
    region.functions = Functions(region.name, region.settings)


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for Lambda."""
    return signed_for == "lambda"


def answer(request: Request, region: Region) -> Response:
    """Run the operation that method and path name."""
    request_id = str(uuid.uuid4())
    found = cast(Functions, region.functions)
    try:
        operation, in_path = _operation(request)
        model = service_model().operation_model(operation)
        check(dict(request.headers), *_authorization(operation, in_path, request, found))
        if operation == INVOKE:
            return invoke(found, _parameters(request, model, in_path, MOST_REQUEST_BYTES))
        if operation not in OPERATIONS:
            raise not_reproduced(f"the operation {operation}")
        result = OPERATIONS[operation](found, _parameters(request, model, in_path, _MOST_BYTES))
        status = model.http["responseCode"]
        body = json.dumps(result) if model.output_shape is not None and status != 204 else ""
        return Response(body, status, {"x-amzn-RequestId": request_id}, content_type=_JSON)
    except Exception as failure:
        error = failure if isinstance(failure, ServiceError) else _internal(request_id)
        return _refusal(error, request_id)


def _internal(request_id: str) -> ServiceError:
    """Log the exception that is being handled; return what the caller is told of it."""
    log.exception("a request to Lambda failed (request %s)", request_id)
    return ServiceError("The request failed inside the local AWS; see its log.")


def _refusal(error: ServiceError, request_id: str) -> Response:
    code = "ServiceException" if error.status not in _CLIENT_ERRORS else error.code
    kind = "User" if error.status in _CLIENT_ERRORS else "Service"
    body = json.dumps({"Type": kind, "message": error.message, **error.fields})
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": request_id}
    return Response(body, error.status, headers, content_type=_JSON)


def _authorization(
    operation: str, in_path: dict[str, str], request: Request, found: Functions
) -> tuple[str, str]:
    """Return the IAM action of an operation and the ARN of what it is about."""
    action = "lambda:InvokeFunction" if operation == INVOKE else f"lambda:{operation}"
    name = in_path.get("FunctionName") or in_path.get("Resource")
    if name is None:
        return action, "*"
    return action, found.place.arn(*found.place.read(name, request.args.get("Qualifier")))


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str, str]]:
    """Return method, path, fixed query and name of every operation; a fixed query goes first."""
    routes = []
    for name in service_model().operation_names:
        http = service_model().operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", path.rstrip("/"))
        routes.append((http["method"], re.compile(f"{pattern}/?"), query, name))
    return sorted(routes, key=lambda route: not route[2])


def _operation(request: Request) -> tuple[str, dict[str, str]]:
    """Return the operation that method and path name, and what the path says."""
    given = request.query_string.decode("latin-1")
    for method, pattern, query, name in _routes():
        found = pattern.fullmatch(request.path)
        if found and request.method == method and query in given:
            return name, found.groupdict()
    raise UnknownOperation(
        f"There is no operation of Lambda at {request.method} {request.path[:200]}."
    )


def _parameters(
    request: Request, model: OperationModel, in_path: dict[str, str], most: int
) -> dict[str, Any]:
    """Return the members of a request, from path, query, headers and body, validated."""
    shape = model.input_shape
    if shape is None:  # GetAccountSettings has no members
        return {}
    parameters: dict[str, Any] = dict(_outside_body(request, shape, in_path))
    body = read_body(request, most, RequestTooLarge)
    payload = shape.serialization.get("payload")
    if payload:
        parameters[payload] = body
    else:
        parameters |= _json_object(body)
    validate(parameters, shape)
    check_allowed(model.name, parameters)
    return parameters


def _outside_body(
    request: Request, shape: Shape, in_path: dict[str, str]
) -> Iterator[tuple[str, Any]]:
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        key = member.serialization.get("name", name)
        if location == "uri":
            yield name, in_path[key]
        elif location == "querystring" and key in request.args:
            values = request.args.getlist(key)
            yield name, values if member.type_name == "list" else _typed(values[0], member)
        elif location == "header" and key in request.headers:
            yield name, request.headers[key]


def _typed(value: str, shape: Shape) -> Any:
    if shape.type_name == "integer":
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
    return value


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidRequestContent(f"Could not parse request body into json: {error}") from error
    if not isinstance(content, dict):
        raise ValidationError("The request body must be a JSON object.")
    return content
