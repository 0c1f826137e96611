"""InvokeEndpoint: pass a request through the containers of an endpoint, as SageMaker does."""

import json
import re
import time
import uuid
from contextlib import ExitStack

from werkzeug.wrappers import Request, Response

from local_aws.errors import UnknownOperation, as_service_error
from local_aws.parsing import read_body
from local_aws.permissions.checks import check
from local_aws.sagemaker.errors import InvocationValidation, ModelError
from local_aws.sagemaker.hosting.chain import Call, StageError, pass_through
from local_aws.sagemaker.hosting.container import Reply
from local_aws.sagemaker.hosting.measures import Measures
from local_aws.sagemaker.region import Region

# A decoded path: an endpoint's name may appear to contain slashes, and is then rejected.
PATH = re.compile(r"(?s)/endpoints/.*/(async-)?invocations(-response-stream)?")
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_NAME_LENGTH = 63
MAX_REQUEST_BYTES = 6_291_456
_FORWARDED = ("X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
_ATTRIBUTES_LENGTH = 1024
_NOT_REPRODUCED = {
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
        error = as_service_error(failure, "The invocation", request_id)
        body = json.dumps({"Message": error.message, **error.fields})
        headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id}
        return Response(body, error.status, headers, content_type="application/json")
    headers = {"x-Amzn-Invoked-Production-Variant": variant, "x-amzn-RequestId": request_id}
    return Response(reply.body, 200, headers, content_type=reply.content_type)


def _check(request: Request, endpoint: str) -> None:
    action = request.path.rpartition("/")[2]
    if request.method != "POST":
        raise UnknownOperation(f"{action} does not support {request.method}. Use POST.")
    if action != "invocations":
        raise InvocationValidation(f"The local AWS does not reproduce {action}.")
    if not _NAME.fullmatch(endpoint) or len(endpoint) > _NAME_LENGTH:
        raise InvocationValidation(
            f"1 validation error detected: Value '{endpoint[:200]}' at 'endpointName' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: "
            f"{_NAME.pattern} and have length less than or equal to {_NAME_LENGTH}"
        )


def _invoke(request: Request, region: Region, endpoint: str) -> tuple[Reply, str]:
    started = time.perf_counter()
    for header, name in _NOT_REPRODUCED.items():
        if header in request.headers:
            raise InvocationValidation(f"The local AWS does not reproduce {name}.")
    attributes = request.headers.get(_FORWARDED[0], "")
    if len(attributes) > _ATTRIBUTES_LENGTH or not attributes.isascii():
        raise InvocationValidation(
            f"CustomAttributes have {len(attributes)} characters; expected at most "
            f"{_ATTRIBUTES_LENGTH} ASCII characters."
        )
    body = read_body(request, MAX_REQUEST_BYTES, InvocationValidation)
    if not body:
        raise InvocationValidation("The body of the request is empty.")
    forwarded = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
    content_type, accept = (request.headers.get(name, "") for name in ("Content-Type", "Accept"))
    call = Call(body, content_type, accept, forwarded)
    with ExitStack() as stack:
        with region.lock:
            traffic = region.traffic.get(endpoint)
            if traffic is None:
                account = region.settings.account_id
                raise InvocationValidation(f"Endpoint {endpoint} of account {account} not found.")
            fleet = traffic.draw()
            stack.enter_context(fleet.call())  # under the lock, so that a deletion waits for it
        name, instance = fleet.choose(request.headers.get("X-Amzn-SageMaker-Target-Variant"))
        config = fleet.config_name if traffic.is_updated else None
        measures = Measures(endpoint, name, fleet.size(name), config, started)
        try:
            return pass_through(instance.containers, call, measures.container_seconds), name
        except StageError as error:
            measures.status = error.status
            raise _model_error(error, region, endpoint) from error
        finally:
            seconds = measures.container_seconds.values()
            measures.container_seconds = dict(zip(instance.names, seconds, strict=False))
            measures.record(region.name)


def _model_error(error: StageError, region: Region, endpoint: str) -> ModelError:
    """Return the error of a container with the message and the fields of the runtime API."""
    side = "client" if 400 <= error.status < 500 else "server"
    account, group = region.settings.account_id, f"/aws/sagemaker/Endpoints/{endpoint}"
    link = (
        f"https://{region.name}.console.aws.amazon.com/cloudwatch/home?region={region.name}"
        f"#logEventViewer:group={group}"
    )
    return ModelError(
        f"Received {side} error ({error.status}) from {error.container} with message "
        f'"{error.message}". See {link} in account {account} for more information.',
        OriginalStatusCode=error.status,
        OriginalMessage=error.message,
        LogStreamArn=f"arn:aws:logs:{region.name}:{account}:log-group:{group}",
    )
