"""A serving container, a process with its own port, and the chain of containers of an instance."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from local_aws.logs import LogStream
from local_aws.processes import ChildProcess, closing
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers import archives
from local_aws.sagemaker.containers.archives import check_bundle
from local_aws.sagemaker.containers.environment import OptMl, container_env
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.hosting.ports import give_back, take_ports
from local_aws.sagemaker.hosting.specs import port_variables, serve_program
from local_aws.sagemaker.region import Region

PING_SECONDS = 2.0
INVOCATION_SECONDS = 60.0
CONNECT_SECONDS = 0.25
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_MAX_IDLE_CONNECTIONS = 256
_MAX_START_ERRORS = 3
MAX_HANDOVER_BYTES = 5 * 1024 * 1024
_CONNECTION_ERRORS = {
    "ConnectTimeoutError": f"accepted no connection within {CONNECT_SECONDS * 1000:.0f} ms",
    "NewConnectionError": "refused the connection",
}


@dataclass(frozen=True)
class Reply:
    """The response of a container."""

    status: int
    body: bytes
    content_type: str
    attributes: str | None = None


@dataclass(frozen=True)
class Activity:
    """The calls of a container: now in progress, ever started, and when it last replied."""

    calls: int = 0
    started: int = 0
    last_reply: float = 0.0


class NoReply(Exception):
    """The container did not respond, or not in time."""


class Container:
    """A serving process with its model folder, its log stream, and its connections."""

    def __init__(
        self, region: Region, spec: dict[str, Any], folder: Path, logs: LogStream, cpus: int = 1
    ) -> None:
        self._region, self._spec, self._folder, self.logs = region, spec, folder, logs
        self._cpus = cpus
        self._image = find_image(spec["Image"])
        self._program = serve_program(self._image)
        self._process: ChildProcess | None = None
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._ports = range(0)
        self._stopped = False
        self._lock = threading.Lock()
        self._activity = Activity()
        self._counting = threading.Lock()

    def prepare(self) -> None:
        """Check the source bundle, if any, and unpack the model archive into /opt/ml/model."""
        submitted = self._spec.get("Environment", {}).get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        check_bundle(self._region, submitted, self._folder)
        model = self._folder / "opt" / "ml" / "model"
        for folder in (model, model.parent / "code"):  # both exist in the image
            folder.mkdir(parents=True, exist_ok=True)
        uri = self._spec.get("ModelDataUrl")
        if uri is None:
            return
        archive = self._folder / "model.tar.gz"
        objects.download_object(self._region.client("s3"), uri, archive)
        archives.extract(archive, model, uri)
        archive.unlink()

    def start(self) -> None:
        """Start or restart the image's `serve` command on a free port."""
        with self._lock:
            if self._stopped or closing():
                return
            if self._process is not None:
                self._process.stop()
            used, self._ports = self._ports, take_ports(1 + self._program.extra_ports)
            give_back(used)
            self._process = self._serve()
            self._pool = urllib3.HTTPConnectionPool(
                "127.0.0.1",
                self._ports[0],
                maxsize=_MAX_IDLE_CONNECTIONS,
                retries=False,
                timeout=INVOCATION_SECONDS,
            )

    def _serve(self) -> ChildProcess:
        base = self._folder / "opt" / "ml"
        declared = {
            **self._program.variables,
            **self._spec.get("Environment", {}),
            **port_variables(self._ports),
            "LOCAL_AWS_CPUS": str(self._cpus),
        }
        env = container_env(self._region, self._image, base, declared, [self._program.site])
        command = OptMl(self._region.settings, base).command(self._program.command)
        return ChildProcess(command, env, base, self.logs.write)

    def wait_until_healthy(self, seconds: float) -> bool:
        """Wait until /ping returns 200; return False on timeout or after three failures.

        AWS waits for the whole time even if the container fails repeatedly, with the same result.
        """
        deadline = time.monotonic() + seconds
        errors = 0
        while time.monotonic() < deadline and errors < _MAX_START_ERRORS:
            if self._stopped:
                return False
            if not self.is_alive():
                errors += 1
                if errors < _MAX_START_ERRORS:
                    self.start()
            status = self.ping()
            if status == 200:
                return True
            errors += status is not None
            time.sleep(0.1 if status is None else 0.5)
        return False

    def is_alive(self) -> bool:
        """Return whether the process is running."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """The id of the process while it is running."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ping(self) -> int | None:
        """Return the status of GET /ping, or None without a response in two seconds."""
        reply = self.get("/ping")
        return reply.status if reply else None

    def get(self, path: str) -> Reply | None:
        """GET a path; return the reply, or None without a response in two seconds."""
        try:
            return self._request("GET", path, PING_SECONDS)
        except NoReply:
            return None

    def invoke(
        self, body: bytes, headers: dict[str, str], seconds: float = INVOCATION_SECONDS
    ) -> Reply:
        """POST /invocations; raise NoReply unless the container responds in time."""
        self._count(1)
        try:
            reply = self._request("POST", "/invocations", seconds, body=body, headers=headers)
        except NoReply:
            self._count(-1)
            raise
        self._count(-1, replied=True)
        return reply

    def _request(self, method: str, path: str, seconds: float, **content: Any) -> Reply:
        pool = self._pool
        if pool is None:
            raise NoReply("the container has not started")
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds)
        try:
            response = pool.request(method, path, timeout=timeout, redirect=False, **content)
        except urllib3.exceptions.HTTPError as error:
            raise NoReply(type(error).__name__) from error
        headers = response.headers
        content_type = headers.get("Content-Type", "")
        return Reply(response.status, response.data, content_type, headers.get(ATTRIBUTES))

    def activity(self) -> Activity:
        """Return the current activity of the container."""
        with self._counting:
            return self._activity

    def _count(self, change: int, replied: bool = False) -> None:
        with self._counting:
            old = self._activity
            last_reply = time.monotonic() if replied else old.last_reply
            self._activity = Activity(old.calls + change, old.started + (change > 0), last_reply)

    def stop(self) -> None:
        """Stop the process, and close the connections."""
        with self._lock:
            self._stopped = True
            process, pool = self._process, self._pool
            ports, self._ports = self._ports, range(0)
        if pool is not None:
            pool.close()  # first, because gunicorn waits for open connections before it exits
        if process is not None:
            process.stop()
        give_back(ports)


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
