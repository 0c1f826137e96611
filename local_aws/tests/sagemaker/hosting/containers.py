"""Send requests directly to the containers behind an endpoint, without InvokeEndpoint."""

import http.client
from dataclasses import dataclass
from pathlib import Path

import psutil

from local_aws.tests.stages import processes_of


@dataclass(frozen=True)
class Reply:
    """The response of a container."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class RunningContainer:
    """A serving container: its folder /opt/ml, its variables, and its processes."""

    base: Path
    variables: dict[str, str]
    processes: list[psutil.Process]

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.variables["SAGEMAKER_BIND_TO_PORT"])

    def request(
        self, method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> Reply:
        """Send a request to the container's port; `content_type` is Content-Type."""
        connection = self.begin(method, path, body, **headers)
        try:
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers.get("Content-Type", ""), reply.read())
        finally:
            connection.close()

    def begin(
        self, method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> http.client.HTTPConnection:
        """Send a request without waiting for the response."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        return connection


def containers_of(endpoint: str) -> list[RunningContainer]:
    """Return the containers of an endpoint with one instance, in their order."""
    containers: dict[Path, RunningContainer] = {}
    for process in processes_of(endpoint):
        try:
            variables = process.environ()
        except psutil.Error:  # the process has ended
            continue
        base = Path(variables["SAGEMAKER_BASE_DIR"])
        container = containers.setdefault(base, RunningContainer(base, variables, []))
        container.processes.append(process)
    return sorted(containers.values(), key=lambda item: int(item.base.parts[-3].rpartition("-")[2]))
