"""The API of apigatewayv2, and the calls of the HTTP APIs that it manages.

An HTTP API has two addresses: a host name of its own, or a path of the local AWS.

http://<id>.execute-api.<region>.amazonaws.com/...   (or .localhost) as the Host header
http://127.0.0.1:4566/_local_aws/apis/<id>/...       for clients that cannot use such names
"""

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any

from moto.core.serialize import RestJSONSerializer, SerializationContext
from werkzeug.wrappers import Request, Response

from local_aws.apigateway import apis, parts, stages
from local_aws.apigateway.errors import BadRequest, not_json
from local_aws.apigateway.gateway import call_api
from local_aws.apigateway.records import Operation, Region
from local_aws.apigateway.rules import RULES
from local_aws.apigateway.security.cors import allows
from local_aws.errors import MissingToken, ValidationError, as_service_error
from local_aws.paging import is_number, page
from local_aws.parsing import find_operation, read_body, read_members, sent_path
from local_aws.permissions.checks import check
from local_aws.rules import check_members

_PATH = re.compile(r"/_local_aws/apis/([a-z0-9]{1,32})(/.*)?", re.DOTALL)
_HOST = re.compile(
    r"([a-z0-9]{1,32})\.execute-api\.[a-z0-9-]+\.(?:localhost|amazonaws\.com)(?::[0-9]{1,5})?",
    re.IGNORECASE,
)
SERVICE = "apigatewayv2"
OPERATIONS: dict[str, Operation] = {**apis.OPERATIONS, **parts.OPERATIONS, **stages.OPERATIONS}
_PREFIX = "/v2/"
new_region = Region
saved, restore = stages.saved, stages.restore
_MAX_BYTES = 8 * 2**20
_PAGE_SIZE = 100


def split_address(environ: dict[str, Any]) -> tuple[str, str] | None:
    """Return the id of the API that a request is for, and its path exactly as sent."""
    path = str(environ.get("REQUEST_URI", environ.get("PATH_INFO", ""))).partition("?")[0]
    under_path = _PATH.fullmatch(path)
    if under_path:
        return under_path[1], under_path[2] or "/"
    under_host = _HOST.fullmatch(environ.get("HTTP_HOST", ""))
    return (under_host[1].lower(), path) if under_host else None


def is_api_host(environ: dict[str, Any]) -> bool:
    """Return whether the Host header has the form of an API's own name."""
    return _HOST.fullmatch(environ.get("HTTP_HOST", "")) is not None


def may_call(environ: dict[str, Any], regions: Iterable[Region]) -> bool:
    """Return whether a browser may send a request, which is for an API.

    A person typed its address, an API served the page that sends it, or the CORS settings of the
    API name the page's origin. No browser lets a page of another site write these headers.
    """
    address = split_address(environ)
    if address is None:
        return False
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site == "none" and origin is None and environ.get("REQUEST_METHOD") == "GET":
        return _PATH.fullmatch(environ.get("PATH_INFO", "")) is not None
    own = f"http://{environ.get('HTTP_HOST', '')}"
    if site in (None, "same-origin") and origin in (None, own):
        return True
    apis = (region.apis[address[0]] for region in regions if address[0] in region.apis)
    return origin is not None and any(api.cors and allows(api.cors, origin) for api in apis)


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
