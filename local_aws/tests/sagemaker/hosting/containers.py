"""Reach the containers behind an endpoint themselves, past InvokeEndpoint."""

import http.client
from dataclasses import dataclass
from pathlib import Path

import psutil

from local_aws.tests.stages import processes_of


@dataclass(frozen=True)
class Answer:
    """What a container answered."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class RunningContainer:
    """A serving container: its folder /opt/ml, its variables and its processes."""

    base: Path
    variables: dict[str, str]
    processes: list[psutil.Process]

    @property
    def port(self) -> int:
        """The port it was told to listen on."""
        return int(self.variables["SAGEMAKER_BIND_TO_PORT"])

    def ask(
        self, method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> Answer:
        """Send a request to the container's own port; `content_type` is Content-Type."""
        connection = self.begin(method, path, body, **headers)
        try:
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        finally:
            connection.close()

    def begin(
        self, method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> http.client.HTTPConnection:
        """Send a request and do not wait for the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        return connection


def containers_of(endpoint: str) -> list[RunningContainer]:
    """Return the containers of an endpoint of one instance, in their order."""
    found: dict[Path, RunningContainer] = {}
    for process in processes_of(endpoint):
        try:
            variables = process.environ()
        except psutil.Error:  # it ended between two looks
            continue
        base = Path(variables["SAGEMAKER_BASE_DIR"])
        found.setdefault(base, RunningContainer(base, variables, [])).processes.append(process)
    return sorted(found.values(), key=lambda item: int(item.base.parts[-3].rpartition("-")[2]))
