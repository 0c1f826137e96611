"""InvokeEndpoint: hand a request through the containers of an endpoint, as SageMaker does."""

import json
import logging
import re
import uuid
from contextlib import ExitStack

from werkzeug.wrappers import Request, Response

from local_aws.errors import InvocationValidation, ModelError, ServiceError, UnknownOperation
from local_aws.permissions import check
from local_aws.region import Region
from local_aws.requests import read_body
from local_aws.sagemaker.hosting.chain import Call, StageError, pass_through
from local_aws.sagemaker.hosting.container import Reply
from local_aws.sagemaker.hosting.instance import Instance

log = logging.getLogger(__name__)
# Decoded, so that a name may seem to have slashes; it is refused then.
PATH = re.compile(r"(?s)/endpoints/.*/(async-)?invocations(-response-stream)?")
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_NAME_LENGTH = 63
MAX_REQUEST_BYTES = 6_291_456
_FORWARDED = ("X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
_ATTRIBUTES_LENGTH = 1024
_REFUSED = {
    "X-Amzn-SageMaker-Target-Model": "TargetModel",
    "X-Amzn-SageMaker-Target-Container-Hostname": "TargetContainerHostname",
    "X-Amzn-SageMaker-Inference-Component": "InferenceComponentName",
    "X-Amzn-SageMaker-Session-Id": "SessionId",
    "X-Amzn-SageMaker-Enable-Explanations": "EnableExplanations",
}


def answer(request: Request, region: Region) -> Response:
    """Invoke the endpoint in the path; errors have the codes and fields of the runtime API."""
    endpoint = request.environ["PATH_INFO"].removeprefix("/endpoints/").rpartition("/")[0]
    request_id = str(uuid.uuid4())
    try:
        _check(request, endpoint)
        check(dict(request.headers), "sagemaker:InvokeEndpoint", region.arn("endpoint", endpoint))
        reply, variant = _invoke(request, region, endpoint)
    except Exception as failure:
        error = failure if isinstance(failure, ServiceError) else _internal(request_id)
        body = json.dumps({"Message": error.message, **error.fields})
        headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id}
        return Response(body, error.status, headers, content_type="application/json")
    headers = {"x-Amzn-Invoked-Production-Variant": variant, "x-amzn-RequestId": request_id}
    return Response(reply.body, 200, headers, content_type=reply.content_type)


def _internal(request_id: str) -> ServiceError:
    """Log the exception that is being handled; return what the caller is told of it."""
    log.exception("an invocation failed (request %s)", request_id)
    return ServiceError("The invocation failed inside the local AWS; see its log.")


def _check(request: Request, endpoint: str) -> None:
    action = request.path.rpartition("/")[2]
    if request.method != "POST":
        raise UnknownOperation(f"There is no {request.method} of {action}, only POST.")
    if action != "invocations":
        raise InvocationValidation(f"The local AWS does not reproduce {action}.")
    if not _NAME.fullmatch(endpoint) or len(endpoint) > _NAME_LENGTH:
        raise InvocationValidation(
            f"1 validation error detected: Value '{endpoint[:200]}' at 'endpointName' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: "
            f"{_NAME.pattern} and have length less than or equal to {_NAME_LENGTH}"
        )


def _invoke(request: Request, region: Region, endpoint: str) -> tuple[Reply, str]:
    for header, name in _REFUSED.items():
        if header in request.headers:
            raise InvocationValidation(f"The local AWS does not reproduce {name}.")
    attributes = request.headers.get(_FORWARDED[0], "")
    if len(attributes) > _ATTRIBUTES_LENGTH or not attributes.isascii():
        raise InvocationValidation(
            f"CustomAttributes are {len(attributes)} characters; expected at most "
            f"{_ATTRIBUTES_LENGTH}, all of them ASCII."
        )
    body = _body(request)
    with ExitStack() as stack:
        with region.lock:
            fleet = region.fleets.get(endpoint)
            if fleet is None:
                account = region.settings.account_id
                raise InvocationValidation(f"Endpoint {endpoint} of account {account} not found.")
            stack.enter_context(fleet.call())  # under the lock: a deletion waits for this call
        name, instance = fleet.choose(request.headers.get("X-Amzn-SageMaker-Target-Variant"))
        return _chain(request, body, instance, _Origin(region, endpoint)), name


def _body(request: Request) -> bytes:
    body = read_body(request, MAX_REQUEST_BYTES, InvocationValidation)
    if not body:
        raise InvocationValidation("The body of the request is empty.")
    return body


class _Origin:
    """Where an error came from, as the runtime API words it."""

    def __init__(self, region: Region, endpoint: str) -> None:
        self._region = region.name
        self._account = region.settings.account_id
        self._group = f"/aws/sagemaker/Endpoints/{endpoint}"

    def error(self, status: int, original: str, container: str) -> ModelError:
        side = "client" if 400 <= status < 500 else "server"
        link = (
            f"https://{self._region}.console.aws.amazon.com/cloudwatch/home?region={self._region}"
            f"#logEventViewer:group={self._group}"
        )
        return ModelError(
            f'Received {side} error ({status}) from {container} with message "{original}". '
            f"See {link} in account {self._account} for more information.",
            OriginalStatusCode=status,
            OriginalMessage=original,
            LogStreamArn=f"arn:aws:logs:{self._region}:{self._account}:log-group:{self._group}",
        )


def _chain(request: Request, body: bytes, instance: Instance, origin: _Origin) -> Reply:
    """Pass the body through the containers; raise ModelError for one that refuses or fails."""
    call = Call(
        body,
        request.headers.get("Content-Type", ""),
        request.headers.get("Accept", ""),
        {name: request.headers[name] for name in _FORWARDED if name in request.headers},
    )
    try:
        return pass_through(instance.containers, call)
    except StageError as error:
        raise origin.error(error.status, error.message, error.container) from error
