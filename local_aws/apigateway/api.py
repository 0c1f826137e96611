"""The API of apigatewayv2, and the calls of the HTTP APIs that it manages."""

import json
import uuid
from typing import Any

from moto.core.serialize import RestJSONSerializer, SerializationContext
from werkzeug.wrappers import Request, Response

from local_aws.apigateway import apis, parts, stages
from local_aws.apigateway.addresses import is_api_host as is_api_host
from local_aws.apigateway.addresses import may_call as may_call
from local_aws.apigateway.addresses import split_address
from local_aws.apigateway.errors import BadRequest, not_json
from local_aws.apigateway.gateway import call_api
from local_aws.apigateway.records import Operation, Region
from local_aws.apigateway.rules import RULES
from local_aws.errors import MissingToken, ValidationError, as_service_error
from local_aws.paging import is_number, page
from local_aws.parsing import find_operation, read_body, read_members, sent_path
from local_aws.permissions.checks import check
from local_aws.rules import check_members

SERVICE = "apigatewayv2"
OPERATIONS: dict[str, Operation] = {**apis.OPERATIONS, **parts.OPERATIONS, **stages.OPERATIONS}
_PREFIX = "/v2/"
new_region = Region
saved, restore = stages.saved, stages.restore
_MAX_BYTES = 8 * 2**20
_PAGE_SIZE = 100


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for an HTTP API, or for the service that manages them."""
    if split_address(environ) is not None:
        return True
    is_unsigned = not signed_for and "X-Amz-" not in environ.get("QUERY_STRING", "")
    is_ours = environ.get("PATH_INFO", "").startswith(_PREFIX)
    return is_ours and (signed_for == "apigateway" or is_unsigned)


def answer(request: Request, region: Region) -> Response:
    """Call the API that the address names, or run the operation that method and path name."""
    address = split_address(request.environ)
    if address is not None:
        regions = list(region.all_regions.values())
        home = next((other for other in regions if address[0] in other.apis), region)
        return call_api(request, home, *address)
    request_id = str(uuid.uuid4())
    try:
        if "Credential=" not in request.headers.get("Authorization", ""):
            raise MissingToken
        body = read_body(request, _MAX_BYTES, BadRequest)
        return _run(request, body, region, request_id)
    except Exception as failure:
        error = as_service_error(failure, SERVICE, request_id)
        # API Gateway spells the code of an invalid request differently from other services.
        code = BadRequest.code if type(error) is ValidationError else error.code
        return _error(error.status, code, error.message, request_id)


def _run(request: Request, body: bytes, region: Region, request_id: str) -> Response:
    path = sent_path(request)
    arn = f"arn:aws:apigateway:{region.name}::{path.removeprefix(_PREFIX.rstrip('/'))}"
    check(dict(request.headers), f"apigateway:{request.method}", arn)
    match = find_operation(SERVICE, request)
    if match is None:
        raise BadRequest(f"API Gateway v2 has no operation at {request.method} {path[:200]}.")
    model, variables = match
    if model.name not in OPERATIONS:
        raise BadRequest(f"The local AWS does not reproduce the operation {model.name}.")
    members = read_members(request, model.input_shape, variables, body, not_json)
    check_members(members, RULES.get(model.name), model.name)
    with region.lock:
        result = _page(OPERATIONS[model.name](region, members), members)
        serializer: Any = RestJSONSerializer(model, SerializationContext(request_id))
        content: dict[str, Any] = dict(serializer.serialize(result))
    headers = {"x-amzn-RequestId": request_id}
    status = content["status_code"]
    return Response(content["body"], status, headers, content_type="application/json")


def _page(result: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    if "Items" not in result:
        return result
    token, size = members.get("NextToken", "0"), members.get("MaxResults", str(_PAGE_SIZE))
    if not is_number(size) or int(size) == 0:
        raise BadRequest(f"maxResults is not a number of at least 1: {size[:50]!r}")
    refusal = BadRequest(f"nextToken is not a valid number: {token[:50]!r}")
    return page(result["Items"], ("Items", "NextToken"), token, int(size), refusal)


def _error(status: int, code: str, message: str, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": code}
    body = json.dumps({"message": message})
    return Response(body, status, headers, content_type="application/json")
