"""The instances of an endpoint, each with one or more containers, and the routing of calls."""

import logging
import random
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import Dimensions, dimensions
from local_aws.monitoring.utilization import Usage
from local_aws.processes import closing
from local_aws.sagemaker.errors import InvocationValidation, JobFailure
from local_aws.sagemaker.hosting.container import INVOCATION_SECONDS, Container
from local_aws.sagemaker.hosting.specs import cpu_count, specs_of
from local_aws.sagemaker.region import Region

STARTUP_SECONDS = 8 * 60  # AWS's default
_THREADS = 8
_LINE_LENGTH = 340  # characters of a container's log that a reason quotes
log = logging.getLogger(__name__)
_CHECK_SECONDS = 0.5  # between checks of the process
_PING_SECONDS = 5.0  # between pings
_MAX_FAILED_PINGS = 3  # in a row
_SILENCE_SECONDS = 10.0  # without any response after the longest call
_DRAIN_SECONDS = 65.0  # slightly more than the longest invocation
_NAMESPACE = "/aws/sagemaker/Endpoints"


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


class Fleet:
    """All instances of one endpoint configuration."""

    def __init__(self, region: Region, endpoint: str, config: dict[str, Any], folder: Path) -> None:
        self._region, self._endpoint, self._folder = region, endpoint, folder
        self.config_name: str = config["EndpointConfigName"]
        self.variants: list[dict[str, Any]] = config["ProductionVariants"]
        self._instances: dict[str, list[Instance]] = {}
        self._stopping = threading.Event()
        self._usages: list[Usage] = []
        self._calls = 0
        self._idle = threading.Condition()

    def start(self) -> None:
        """Start all containers and wait for them; raise JobFailure naming unhealthy ones."""
        for variant in self.variants:
            count = variant.get("InitialInstanceCount", 1)
            instances = [self._instance(variant, number) for number in range(count)]
            self._instances[variant["VariantName"]] = instances
        containers = list(self._containers())
        seconds = [startup_seconds(variant) for variant, _, _ in containers]
        healthy = bring_up([container for _, _, container in containers], seconds)
        failures = [_failure(*item) for item, ok in zip(containers, healthy, strict=True) if not ok]
        if failures:
            raise JobFailure(" ".join(failures))
        for variant, _, container in containers:
            Watch(container, startup_seconds(variant), self._stopping).start()
        for name, instances in self._instances.items():
            names = dimensions(EndpointName=self._endpoint, VariantName=name)
            for instance in instances:
                self._usages.append(instance.measure(self._region.name, _NAMESPACE, names))

    def _instance(self, variant: dict[str, Any], number: int) -> Instance:
        folder = self._folder / variant["VariantName"] / str(number)
        log = (f"{_NAMESPACE}/{self._endpoint}", f"{variant['VariantName']}/{new_host()}")
        cpus = cpu_count(variant["InstanceType"], self._region.instance_cpus)
        specs = specs_of(self._region, variant["ModelName"])
        return build_instance(self._region, specs, folder, log, cpus)

    def _containers(self) -> Iterator[tuple[dict[str, Any], str, Container]]:
        """Yield each container with its variant and the noun for it in messages."""
        for variant in self.variants:
            for instance in self._instances.get(variant["VariantName"], []):
                is_pipeline = len(instance.containers) > 1
                for number, container in enumerate(instance.containers, start=1):
                    noun = f"container-{number}" if is_pipeline else "primary container"
                    yield variant, noun, container

    def size(self, variant: str) -> int:
        """Return the number of instances of a variant."""
        return len(self._instances[variant])

    def choose(self, variant: str | None) -> tuple[str, Instance]:
        """Return the given variant, or one drawn by weight, and one of its instances."""
        if variant is not None and variant not in self._instances:
            raise InvocationValidation(f"Variant {variant} was not found for this endpoint.")
        if variant is None:
            names = [item["VariantName"] for item in self.variants]
            weights = [item.get("InitialVariantWeight", 1.0) for item in self.variants]
            variant = random.choices(names, weights)[0] if sum(weights) else names[0]  # noqa: S311
        return variant, random.choice(self._instances[variant])  # noqa: S311

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call while it is in progress, so that stop() waits for it."""
        with self._idle:
            self._calls += 1
        try:
            yield
        finally:
            with self._idle:
                self._calls -= 1
                self._idle.notify_all()

    def stop(self) -> None:
        """Wait for calls in progress, stop all containers, and remove the fleet's folder."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        with self._idle:
            while self._calls and time.monotonic() < deadline and not closing():
                self._idle.wait(1.0)
        self.stop_now()

    def stop_now(self) -> None:
        """Stop all containers without waiting for calls."""
        self._stopping.set()
        for usage in self._usages:
            usage.end()
        stop_together([container for _, _, container in self._containers()])
        shutil.rmtree(self._folder, ignore_errors=True)


def startup_seconds(variant: dict[str, Any]) -> float:
    """Return how long the containers of a variant may take to become healthy."""
    return float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_SECONDS))


def _failure(variant: dict[str, Any], noun: str, container: Container) -> str:
    return (
        f"The {noun} for production variant {variant['VariantName']} did not pass the ping health "
        "check. Please check CloudWatch logs for this endpoint. "
        f"(Its log ends: {last_error(container.logs.last_lines)})"
    )
