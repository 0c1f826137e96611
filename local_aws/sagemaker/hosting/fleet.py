"""The instances of an endpoint, each with one or more containers, and the routing of calls."""

import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.monitoring.metrics import dimensions
from local_aws.monitoring.utilization import Usage
from local_aws.processes import closing
from local_aws.sagemaker.errors import InvocationValidation, JobFailure
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.hosting.instance import (
    STARTUP_SECONDS,
    Instance,
    Watch,
    bring_up,
    build_instance,
    last_error,
    new_host,
    stop_together,
)
from local_aws.sagemaker.hosting.specs import containers_of, cpu_count, expand_packages
from local_aws.sagemaker.region import Region

_DRAIN_SECONDS = 65.0  # slightly more than the longest invocation
_NAMESPACE = "/aws/sagemaker/Endpoints"


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
        model = self._region.models.get(variant["ModelName"])
        folder = self._folder / variant["VariantName"] / str(number)
        log = (f"{_NAMESPACE}/{self._endpoint}", f"{variant['VariantName']}/{new_host()}")
        cpus = cpu_count(variant["InstanceType"], self._region.instance_cpus)
        specs = expand_packages(self._region, containers_of(model))
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
