"""SageMaker's control plane: each JSON request gets a JSON response."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from local_aws.errors import ValidationError, as_service_error
from local_aws.parsing import read_body
from local_aws.permissions.checks import check
from local_aws.rules import check_members
from local_aws.sagemaker.operations import (
    endpoints,
    jobs,
    models,
    registry,
    search,
    training_jobs,
    tuning_jobs,
)
from local_aws.sagemaker.operations.allowed import RULES, check_addresses
from local_aws.sagemaker.region import Region
from local_aws.validation import validate

OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    **training_jobs.OPERATIONS,
    **jobs.OPERATIONS,
    **tuning_jobs.OPERATIONS,
    **registry.OPERATIONS,
    **models.OPERATIONS,
    **endpoints.OPERATIONS,
    **search.OPERATIONS,
}
TARGET = "SageMaker."
_JSON = "application/x-amz-json-1.1"
_MAX_BYTES = 4 * 2**20  # far more than any valid request


def answer(request: Request, region: Region) -> Response:
    """Run the operation that the X-Amz-Target header names."""
    request_id = str(uuid.uuid4())
    operation = request.headers["X-Amz-Target"].removeprefix(TARGET)
    try:
        check(dict(request.headers), f"sagemaker:{operation}", "*")
        result = _run(operation, read_body(request, _MAX_BYTES, ValidationError), region)
        return _response(200, result, request_id)
    except Exception as failure:
        error = as_service_error(failure, operation, request_id)
        body = {"__type": error.code, "message": error.message, **error.fields}
        return _response(error.status, body, request_id)


def _run(operation: str, body: bytes, region: Region) -> dict[str, Any]:
    handler = OPERATIONS.get(operation)
    if handler is None:
        exists = operation in get_service_model("sagemaker").operation_names
        problem = "The local AWS does not reproduce" if exists else "SageMaker does not have"
        raise ValidationError(f"{problem} the operation {operation}.")
    try:
        request = json.loads(body or b"{}")
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ValidationError(f"The request body is not JSON: {error}") from error
    model = get_service_model("sagemaker").operation_model(operation)
    if model.input_shape is not None:
        validate(request, model.input_shape)
    check_members(request, RULES.get(operation), operation)
    if model.input_shape is not None:
        check_addresses(operation, request, model.input_shape)
    return handler(region, request, model)


def _response(status: int, body: dict[str, Any], request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id}
    return Response(json.dumps(body, default=_encode), status, headers, content_type=_JSON)


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"no JSON form for {type(value).__name__}")
