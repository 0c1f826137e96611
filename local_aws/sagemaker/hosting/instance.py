"""One instance: a container for each spec of a model, with its folder, its log and its CPUs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.logs import LogStream
from local_aws.region import Region
from local_aws.sagemaker.hosting.container import Container

STARTUP_SECONDS = 8 * 60  # AWS's own limit, unless somebody sets one
_LINE_LENGTH = 340  # characters of a container's log that a reason quotes


@dataclass(frozen=True)
class Place:
    """Where the containers of an instance live and log, and how many CPUs they have."""

    folder: Path
    log_group: str
    log_stream: str  # of one container; of several, each has its own below it
    cpus: int


class Instance:
    """The containers of one model in order, all of them on one instance."""

    def __init__(self, containers: list[Container]) -> None:
        self.containers = containers


def new_host() -> str:
    """Return a name such as an instance of EC2 has."""
    return f"i-{random.getrandbits(68):017x}"


def build_instance(region: Region, specs: Sequence[dict[str, Any]], place: Place) -> Instance:
    """Return an instance whose containers are not started yet."""
    containers = []
    for index, spec in enumerate(specs, start=1):
        stream = place.log_stream
        if len(specs) > 1:
            stream += "/" + spec.get("ContainerHostname", f"container-{index}")
        logs = LogStream(region.client("logs"), place.log_group, stream)
        folder = place.folder / f"container-{index}"
        containers.append(Container(region, spec, folder, logs, place.cpus))
    return Instance(containers)


def bring_up(container: Container, seconds: float) -> bool:
    """Fetch a container's model and start it; tell whether it became healthy in that time."""
    container.prepare()
    container.start()
    return container.wait_until_healthy(seconds)


def last_error(lines: list[str]) -> str:
    """Return the last line that reads like an exception, or the last one, cut to a length."""
    for line in reversed(lines):
        head = line.strip().partition(":")[0]
        if head.isidentifier() and head.endswith(("Error", "Exception")) and ":" in line:
            return line.strip()[:_LINE_LENGTH]
    return lines[-1].strip()[:_LINE_LENGTH] if lines else "nothing was logged"
