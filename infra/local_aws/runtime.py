"""InvokeEndpoint: hand a request through the containers of an endpoint, as SageMaker does."""

import json
import logging
import re
import uuid
from contextlib import ExitStack

from werkzeug.wrappers import Request, Response

from infra.local_aws.bodies import read_body
from infra.local_aws.errors import (
    InvocationValidation,
    ModelError,
    ServiceError,
    UnknownOperation,
)
from infra.local_aws.hosting.container import CONNECT_SECONDS, NoReply, Reply
from infra.local_aws.hosting.fleet import Instance
from infra.local_aws.permissions import check
from infra.local_aws.region import Region

log = logging.getLogger(__name__)
# Decoded, so that a name may seem to have slashes; it is refused then.
PATH = re.compile(
    r"(?s)/endpoints/(?P<name>.*)/(?P<action>(async-)?invocations(-response-stream)?)"
)
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_NAME_LENGTH = 63
MAX_REQUEST_BYTES = 6_291_456
MAX_HANDOVER_BYTES = 5 * 1024 * 1024
_FORWARDED = ("X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
_ATTRIBUTES_LENGTH = 1024
_WITHOUT_AN_ANSWER = {
    "ConnectTimeoutError": f"took no connection in {CONNECT_SECONDS * 1000:.0f} ms",
    "NewConnectionError": "refused the connection",
}
_REFUSED = {
    "X-Amzn-SageMaker-Target-Model": "TargetModel",
    "X-Amzn-SageMaker-Target-Container-Hostname": "TargetContainerHostname",
    "X-Amzn-SageMaker-Inference-Component": "InferenceComponentName",
    "X-Amzn-SageMaker-Session-Id": "SessionId",
    "X-Amzn-SageMaker-Enable-Explanations": "EnableExplanations",
}


def answer(request: Request, region: Region, endpoint: str) -> Response:
    """Invoke an endpoint; errors have the codes and fields of the runtime API."""
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
    """Pass the body from container to container: type handed on, Accept to the last one only."""
    forwarded = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
    content_type = request.headers.get("Content-Type", "")
    accept = request.headers.get("Accept", "")
    last = len(instance.containers)
    reply = Reply(0, b"", "")
    for number, container in enumerate(instance.containers, start=1):
        name = f"container-{number}" if last > 1 else "model"
        headers = dict(forwarded) if number == 1 else {}
        headers["Content-Type"] = content_type
        headers["Accept"] = accept if number == last and accept else "*/*"
        try:
            reply = container.invoke(body, headers)
        except NoReply as error:
            raise _no_reply(error, name, origin) from error
        if not 200 <= reply.status < 300:
            raise origin.error(reply.status, reply.body.decode("utf-8", "replace"), name)
        if number < last and len(reply.body) > MAX_HANDOVER_BYTES:
            raise origin.error(
                413,
                f"The response of {name} has {len(reply.body)} bytes; between containers at most "
                f"{MAX_HANDOVER_BYTES} are passed on.",
                name,
            )
        body, content_type = reply.body, reply.content_type
    return reply


def _no_reply(error: NoReply, name: str, origin: _Origin) -> ModelError:
    if "ReadTimeout" in str(error):
        message = (
            "Your invocation timed out while waiting for a response from container "
            f"{name}. Review the latency metrics for each container in Amazon CloudWatch, resolve "
            "the issue, and try again."
        )
        return origin.error(0, message, name)
    what = _WITHOUT_AN_ANSWER.get(str(error), "closed the connection without an answer")
    return origin.error(503, f"{name} {what}", name)
