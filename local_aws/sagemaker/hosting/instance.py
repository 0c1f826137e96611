"""An instance: the containers of a model with their folders, logs, and CPUs, and their watches."""

import logging
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import Dimensions
from local_aws.monitoring.utilization import Usage
from local_aws.sagemaker.hosting.container import INVOCATION_SECONDS, Container
from local_aws.sagemaker.region import Region

STARTUP_SECONDS = 8 * 60  # AWS's default
_THREADS = 8
_LINE_LENGTH = 340  # characters of a container's log that a reason quotes


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


def build_instance(
    region: Region, specs: Sequence[dict[str, Any]], folder: Path, log: tuple[str, str], cpus: int
) -> Instance:
    """Return an instance with some CPUs, whose containers have not been started.

    `log` is the group and the stream of its log; several containers each have a stream below it.
    """
    containers, names = [], []
    for index, spec in enumerate(specs, start=1):
        names.append(str(spec.get("ContainerHostname", f"container-{index}")))
        stream = f"{log[1]}/{names[-1]}" if len(specs) > 1 else log[1]
        logs = LogStream(region.name, log[0], stream)
        containers.append(Container(region, spec, folder / f"container-{index}", logs, cpus))
    return Instance(containers, tuple(names))


def bring_up(containers: Sequence[Container], seconds: Sequence[float]) -> list[bool]:
    """Download the models of containers and start them; return which became healthy in time."""

    def start(container: Container, limit: float) -> bool:
        container.prepare()
        container.start()
        return container.wait_until_healthy(limit)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(start, containers, seconds))


def stop_together(containers: Sequence[Container]) -> None:
    """Stop containers at the same time."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(Container.stop, containers))


def last_error(lines: Sequence[str]) -> str:
    """Return the last line that looks like an exception, or else the last line, truncated."""
    for line in reversed(lines):
        head = line.strip().partition(":")[0]
        if head.isidentifier() and head.endswith(("Error", "Exception")) and ":" in line:
            return line.strip()[:_LINE_LENGTH]
    return lines[-1].strip()[:_LINE_LENGTH] if lines else "nothing was logged"


log = logging.getLogger(__name__)
_CHECK_SECONDS = 0.5  # between checks of the process
_PING_SECONDS = 5.0  # between pings
_MAX_FAILED_PINGS = 3  # in a row
_SILENCE_SECONDS = 10.0  # without any response after the longest call


class Watch:
    """Restarts one container from a thread until `stopping` is set."""

    def __init__(
        self,
        container: Container,
        startup: float,
        stopping: threading.Event,
        longest_call: float = INVOCATION_SECONDS,
    ) -> None:
        self._container, self._startup, self._stopping = container, startup, stopping
        self._silence = longest_call + _SILENCE_SECONDS
        self._failed = 0
        self._next_ping = time.monotonic() + _PING_SECONDS
        self._responded = time.monotonic()
        self._starting_until = 0.0  # it may be loading its model until then

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def _run(self) -> None:
        while not self._stopping.wait(_CHECK_SECONDS):
            try:
                self._check()
            except Exception:
                log.exception("a container could not be checked or restarted")
                self._stopping.wait(_PING_SECONDS)

    def _check(self) -> None:
        if not self._container.is_alive():
            self._restart("exited")
        elif time.monotonic() >= self._next_ping:
            self._next_ping = time.monotonic() + _PING_SECONDS
            self._ping()

    def _ping(self) -> None:
        before = self._container.activity()
        if self._container.ping() == 200:
            self._failed, self._responded, self._starting_until = 0, time.monotonic(), 0.0
            return
        after = self._container.activity()
        self._responded = max(self._responded, after.last_reply)
        if time.monotonic() < self._starting_until:
            return
        idle = before.calls == 0 and after == before
        self._failed = self._failed + 1 if idle else 0
        silent = time.monotonic() - self._responded > self._silence
        if self._failed >= _MAX_FAILED_PINGS or silent:
            self._restart("does not respond to /ping")

    def _restart(self, reason: str) -> None:
        self._container.logs.write(f"local AWS: the container {reason}; restarting it")
        self._failed = 0
        self._responded = time.monotonic()
        self._starting_until = time.monotonic() + self._startup
        self._container.start()
