"""An instance: the containers of a model, with their folders, logs, and CPUs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import Dimensions
from local_aws.monitoring.utilization import Usage
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.region import Region

STARTUP_SECONDS = 8 * 60  # AWS's default
_LINE_LENGTH = 340  # characters of a container's log that a reason quotes


@dataclass(frozen=True)
class Place:
    """The folder, the log, and the CPUs of an instance."""

    folder: Path
    log_group: str
    log_stream: str  # several containers each have their own stream below it
    cpus: int


@dataclass(frozen=True)
class Instance:
    """The containers of a model in order, all on one instance, and their names."""

    containers: list[Container]
    names: tuple[str, ...] = ()

    def measure(self, region: str, namespace: str, dimensions: Dimensions) -> Usage:
        """Publish what the containers use of the computer, until the returned object ends."""

        def pids() -> list[int]:
            return [pid for container in self.containers if (pid := container.pid) is not None]

        return Usage(region, namespace, dimensions, pids)


def new_host() -> str:
    """Return a random EC2 instance ID."""
    return f"i-{random.getrandbits(68):017x}"


def build_instance(region: Region, specs: Sequence[dict[str, Any]], place: Place) -> Instance:
    """Return an instance whose containers have not been started."""
    containers, names = [], []
    for index, spec in enumerate(specs, start=1):
        names.append(str(spec.get("ContainerHostname", f"container-{index}")))
        stream = f"{place.log_stream}/{names[-1]}" if len(specs) > 1 else place.log_stream
        logs = LogStream(region.name, place.log_group, stream)
        folder = place.folder / f"container-{index}"
        containers.append(Container(region, spec, folder, logs, place.cpus))
    return Instance(containers, tuple(names))


def bring_up(container: Container, seconds: float) -> bool:
    """Download a container's model and start it; return whether it became healthy in time."""
    container.prepare()
    container.start()
    return container.wait_until_healthy(seconds)


def last_error(lines: Sequence[str]) -> str:
    """Return the last line that looks like an exception, or else the last line, truncated."""
    for line in reversed(lines):
        head = line.strip().partition(":")[0]
        if head.isidentifier() and head.endswith(("Error", "Exception")) and ":" in line:
            return line.strip()[:_LINE_LENGTH]
    return lines[-1].strip()[:_LINE_LENGTH] if lines else "nothing was logged"
