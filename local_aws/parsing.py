"""Read requests: bodies and, for services with REST paths, operations and members.

In a REST service, method and path name the operation, and the members are in the path, the query
string, the headers, and the body. botocore's models say where.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import IO, Any

import moto.core.request
from botocore.model import Shape
from moto.core.model import OperationModel
from moto.core.routing import RestRouter
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request

from local_aws.errors import ServiceError, ValidationError
from local_aws.validation import validate


class WholeReads:
    """A stream for werkzeug's reader of chunks, which needs every read to be complete.

    When a body ends inside a chunk, that reader resizes the buffer that it is filling: the response
    then contains memory of the process, or the process ends with a segmentation fault.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.readline = stream.readline

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; raise OSError at the end of the stream."""
        content = self._stream.read(size)
        if len(content) < size:
            raise OSError("it ends inside a chunk")
        return content


def read_body(request: Request, max_bytes: int, refusal: type[ServiceError]) -> bytes:
    """Return the body, with or without an announced length.

    Raise the refusal if the body is too long, or not what its headers announce.
    """
    request.max_content_length = max_bytes + 1  # a longer body may be cut off
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        too_long = True
    except (OSError, ValueError, HTTPException) as error:
        raise refusal(f"The body of the request cannot be read to its end: {error}") from error
    else:
        too_long = len(body) > max_bytes
    if too_long:
        raise refusal(f"The body has more than {max_bytes} bytes, the most that is accepted.")
    return body


@cache
def _router(service: str) -> RestRouter:
    return RestRouter(get_service_model(service))


def sent_path(request: Request) -> str:
    """Return the path of a request still encoded, because a variable may contain a slash."""
    return str(request.environ.get("REQUEST_URI", request.path)).partition("?")[0]


def find_operation(service: str, request: Request) -> tuple[OperationModel, dict[str, str]] | None:
    """Return the operation of a request and the variables of its path, or None."""
    try:
        return _router(service).match(moto.core.request.Request(request.environ))
    except HTTPException:
        return None


def read_members(
    request: Request,
    shape: Shape | None,
    variables: dict[str, str],
    body: bytes,
    not_json: Callable[[Exception], ServiceError],
) -> dict[str, Any]:
    """Return the validated members of a request; raise what `not_json` returns for other bodies."""
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    members: dict[str, Any] = (
        {payload: body} if payload else _member_names(_json_object(body, not_json), shape)
    )
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        key = member.serialization.get("name", name)
        if location == "uri":
            members[name] = variables[key]
        elif location == "querystring" and key in request.args:
            members[name] = _query_value(request.args.getlist(key), member)
        elif location == "header" and key in request.headers:
            members[name] = request.headers[key]
    validate(members, shape)
    return members


def _query_value(values: list[str], shape: Shape) -> Any:
    if shape.type_name == "list":
        return values
    if shape.type_name == "integer" and re.fullmatch(r"-?\d{1,18}", values[0]):
        return int(values[0])
    booleans = {"true": True, "false": False} if shape.type_name == "boolean" else {}
    return booleans.get(values[0], values[0])


def _json_object(body: bytes, not_json: Callable[[Exception], ServiceError]) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise not_json(error) from error
    if not isinstance(content, dict):
        raise ValidationError("The request body must be a JSON object.")
    return content


def _member_names(value: Any, shape: Shape) -> Any:
    """Return JSON with the member names of the model; refuse unknown members."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = {
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if "location" not in member.serialization
        }
        for key in value:
            if key not in members:
                raise ValidationError(f"Unknown member {key[:100]!r} in the body of the request.")
        return {
            members[key][0]: _member_names(item, members[key][1])
            for key, item in value.items()
            if item is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_member_names(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _member_names(item, shape.value) for key, item in value.items()}
    return value
