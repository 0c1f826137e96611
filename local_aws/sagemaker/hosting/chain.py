"""Pass a request through the containers of an instance in order, as SageMaker does."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local_aws.sagemaker.hosting.container import (
    CONNECT_SECONDS,
    INVOCATION_SECONDS,
    Container,
    NoReply,
    Reply,
)

MAX_HANDOVER_BYTES = 5 * 1024 * 1024
_CONNECTION_ERRORS = {
    "ConnectTimeoutError": f"accepted no connection within {CONNECT_SECONDS * 1000:.0f} ms",
    "NewConnectionError": "refused the connection",
}


@dataclass(frozen=True)
class Call:
    """A request body, its headers, and the timeout of each container."""

    body: bytes
    content_type: str
    accept: str
    forwarded: Mapping[str, str] = field(default_factory=dict)  # to the first container only
    seconds: float = INVOCATION_SECONDS


class StageError(Exception):
    """A container responded with an error, or did not respond (then `answered` is False)."""

    def __init__(self, status: int, message: str, container: str, answered: bool = True) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.container, self.answered = container, answered


def pass_through(
    containers: Sequence[Container], call: Call, times: dict[str, float] | None = None
) -> Reply:
    """Return the response of the last container; only that container gets the Accept header.

    The seconds of each container that was called are added to `times`.
    """
    body, content_type = call.body, call.content_type
    last = len(containers)
    reply = Reply(0, b"", "")
    for number, container in enumerate(containers, start=1):
        name = f"container-{number}" if last > 1 else "model"
        headers = dict(call.forwarded) if number == 1 else {}
        headers["Content-Type"] = content_type
        headers["Accept"] = call.accept if number == last and call.accept else "*/*"
        started = time.perf_counter()
        try:
            reply = container.invoke(body, headers, call.seconds)
        except NoReply as error:
            raise _no_reply(error, name) from error
        finally:
            if times is not None:
                times[name] = time.perf_counter() - started
        if not 200 <= reply.status < 300:
            raise StageError(reply.status, reply.body.decode("utf-8", "replace"), name)
        if number < last and len(reply.body) > MAX_HANDOVER_BYTES:
            raise StageError(
                413,
                f"The response of {name} has {len(reply.body)} bytes; at most "
                f"{MAX_HANDOVER_BYTES} bytes can pass between containers.",
                name,
            )
        body, content_type = reply.body, reply.content_type
    return reply


def _no_reply(error: NoReply, name: str) -> StageError:
    if "ReadTimeout" in str(error):
        message = (
            "Your invocation timed out while waiting for a response from container "
            f"{name}. Review the latency metrics for each container in Amazon CloudWatch, resolve "
            "the issue, and try again."
        )
        return StageError(0, message, name, answered=False)
    reason = _CONNECTION_ERRORS.get(str(error), "closed the connection without a response")
    return StageError(503, f"{name} {reason}", name, answered=False)
