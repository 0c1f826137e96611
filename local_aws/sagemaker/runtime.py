"""InvokeEndpoint: pass a request through the containers of an endpoint, as SageMaker does."""

import json
import re
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache

from botocore.model import Shape
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from local_aws.errors import UnknownOperation, ValidationError, as_service_error
from local_aws.monitoring.metrics import Value, dimensions, record
from local_aws.parsing import read_body, read_members
from local_aws.permissions.checks import check
from local_aws.rules import Rule, check_members, free
from local_aws.sagemaker.errors import InvocationValidation, ModelError
from local_aws.sagemaker.hosting.container import ATTRIBUTES, Call, Reply, StageError, pass_through
from local_aws.sagemaker.region import Region

_NAMESPACE = "AWS/SageMaker"
# A decoded path: an endpoint's name may appear to contain slashes, and is then rejected.
PATH = re.compile(r"(?s)/endpoints/.*/(async-)?invocations(-response-stream)?")
MAX_REQUEST_BYTES = 6_291_456
_FORWARDED = (ATTRIBUTES, "X-Amzn-SageMaker-Inference-Id")
_OPERATION = "InvokeEndpoint"
_RULES: dict[str, Rule] = {
    **free("EndpointName", "Body", "ContentType", "Accept", "CustomAttributes"),
    **free("TargetVariant", "InferenceId"),
}


@dataclass
class Measures:
    """The times of a call that reached the containers, and its outcome."""

    endpoint: str
    variant: str
    instances: int
    config: str | None  # the endpoint configuration, once the endpoint has been updated
    started: float  # when the request arrived (time.perf_counter)
    container_seconds: dict[str, float] = field(default_factory=dict)
    status: int = 200  # the last response of a container, or 0 without one

    def record(self, region: str) -> None:
        """Record the metrics of a call that has just ended."""
        base = dimensions(EndpointName=self.endpoint, VariantName=self.variant)
        sets = [base]
        if self.config is not None:
            sets.append((*base, ("EndpointConfigName", self.config)))
        record(region, _NAMESPACE, sets, self._values())
        if len(self.container_seconds) > 1:
            for name, seconds in self.container_seconds.items():
                with_container = [(*one, ("ContainerName", name)) for one in sets]
                latency = ("ContainerLatency", seconds * 1e6, "Microseconds")
                record(region, _NAMESPACE, with_container, [latency])

    def _values(self) -> list[Value]:
        model = sum(self.container_seconds.values())
        overhead = time.perf_counter() - self.started - model
        kind = self.status // 100
        return [
            ("Invocations", 1.0, "None"),
            ("InvocationsPerInstance", 1 / self.instances, "None"),
            ("Invocation4XXErrors", float(kind == 4), "None"),
            ("Invocation5XXErrors", float(kind == 5), "None"),
            ("InvocationModelErrors", float(kind != 2), "None"),
            ("ModelLatency", model * 1e6, "Microseconds"),
            ("OverheadLatency", overhead * 1e6, "Microseconds"),
        ]


@cache
def _shape() -> Shape:
    model = get_service_model("sagemaker-runtime").operation_model(_OPERATION)
    return model.input_shape


def answer(request: Request, region: Region) -> Response:
    """Invoke the endpoint in the path; errors have the codes and fields of the runtime API."""
    endpoint = request.environ["PATH_INFO"].removeprefix("/endpoints/").rpartition("/")[0]
    request_id = str(uuid.uuid4())
    try:
        _check(request)
        check(dict(request.headers), "sagemaker:InvokeEndpoint", region.arn("endpoint", endpoint))
        reply, variant = _invoke(request, region, endpoint)
    except Exception as failure:
        error = as_service_error(failure, "The invocation", request_id)
        code = InvocationValidation.code if type(error) is ValidationError else error.code
        body = json.dumps({"Message": error.message, **error.fields})
        headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": request_id}
        return Response(body, error.status, headers, content_type="application/json")
    headers = {"x-Amzn-Invoked-Production-Variant": variant, "x-amzn-RequestId": request_id}
    if reply.attributes is not None:
        headers[ATTRIBUTES] = reply.attributes
    return Response(reply.body, 200, headers, content_type=reply.content_type)


def _check(request: Request) -> None:
    action = request.path.rpartition("/")[2]
    if request.method != "POST":
        raise UnknownOperation(f"{action} does not support {request.method}. Use POST.")
    if action != "invocations":
        raise InvocationValidation(f"The local AWS does not reproduce {action}.")


def _invoke(request: Request, region: Region, endpoint: str) -> tuple[Reply, str]:
    started = time.perf_counter()
    body = read_body(request, MAX_REQUEST_BYTES, InvocationValidation)
    names = {"EndpointName": endpoint}
    members = read_members(
        request, _shape(), names, body, lambda error: ValidationError(str(error))
    )
    check_members(members, _RULES, _OPERATION)
    if not body:
        raise InvocationValidation("The body of the request is empty.")
    forwarded = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
    call = Call(body, members.get("ContentType", ""), members.get("Accept", ""), forwarded)
    with ExitStack() as stack:
        with region.lock:
            traffic = region.traffic.get(endpoint)
            if traffic is None:
                account = region.settings.account_id
                raise InvocationValidation(f"Endpoint {endpoint} of account {account} not found.")
            fleet = traffic.draw()
            stack.enter_context(fleet.call())  # under the lock, so that a deletion waits for it
        name, instance = fleet.choose(members.get("TargetVariant"))
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
