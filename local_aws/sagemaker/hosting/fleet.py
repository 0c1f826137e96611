"""The instances behind an endpoint, each a chain of containers, and the routing of calls."""

import random
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.errors import InvocationValidation, JobFailure
from local_aws.region import Region
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.hosting.instance import (
    STARTUP_SECONDS,
    Instance,
    Place,
    bring_up,
    build_instance,
    last_error,
    new_host,
)
from local_aws.sagemaker.hosting.instances import cpus
from local_aws.sagemaker.hosting.specs import containers_of, expand_packages
from local_aws.sagemaker.hosting.watch import Watch

_DRAIN_SECONDS = 65.0  # a little more than the longest invocation


class Fleet:
    """All instances of one endpoint configuration."""

    def __init__(self, region: Region, endpoint: str, config: dict[str, Any], folder: Path) -> None:
        self._region, self._endpoint, self._folder = region, endpoint, folder
        self.variants: list[dict[str, Any]] = config["ProductionVariants"]
        self._instances: dict[str, list[Instance]] = {}
        self._stopping = threading.Event()
        self._calls = 0
        self._idle = threading.Condition()

    def start(self) -> None:
        """Start every container and wait for all; raise JobFailure naming the unhealthy ones."""
        for variant in self.variants:
            count = variant.get("InitialInstanceCount", 1)
            instances = [self._instance(variant, number) for number in range(count)]
            self._instances[variant["VariantName"]] = instances
        with ThreadPoolExecutor(max_workers=8) as pool:
            futures = [
                pool.submit(_bring_up, container, variant)
                for variant in self.variants
                for instance in self._instances[variant["VariantName"]]
                for container in instance.containers
            ]
            healthy = [future.result() for future in futures]
        if not all(healthy):
            raise JobFailure(self._unhealthy(healthy))
        for variant in self.variants:
            for instance in self._instances[variant["VariantName"]]:
                for container in instance.containers:
                    Watch(container, _startup_seconds(variant), self._stopping).start()

    def _instance(self, variant: dict[str, Any], number: int) -> Instance:
        model = self._region.models.get(variant["ModelName"])
        place = Place(
            folder=self._folder / variant["VariantName"] / str(number),
            log_group=f"/aws/sagemaker/Endpoints/{self._endpoint}",
            log_stream=f"{variant['VariantName']}/{new_host()}",
            cpus=cpus(variant["InstanceType"], self._region.settings.instance_cpus),
        )
        specs = expand_packages(self._region, containers_of(model))
        return build_instance(self._region, specs, place)

    def _unhealthy(self, healthy: list[bool]) -> str:
        flags = iter(healthy)
        reasons = []
        for variant in self.variants:
            for instance in self._instances[variant["VariantName"]]:
                several = len(instance.containers) > 1
                for index, container in enumerate(instance.containers, start=1):
                    if next(flags):
                        continue
                    noun = f"container-{index}" if several else "primary container"
                    last = last_error(container.logs.last_lines)
                    reasons.append(
                        f"The {noun} for production variant {variant['VariantName']} did not pass "
                        "the ping health check. Please check CloudWatch logs for this endpoint. "
                        f"(Its log ends: {last})"
                    )
        return " ".join(reasons)

    def _all(self) -> list[Container]:
        return [
            container
            for instances in self._instances.values()
            for instance in instances
            for container in instance.containers
        ]

    def choose(self, variant: str | None) -> tuple[str, Instance]:
        """Return a variant (the named one, or one drawn by weight) and an instance of it."""
        if variant is not None and variant not in self._instances:
            raise InvocationValidation(f"Variant {variant} was not found for this endpoint.")
        if variant is None:
            names = [item["VariantName"] for item in self.variants]
            weights = [item.get("InitialVariantWeight", 1.0) for item in self.variants]
            variant = random.choices(names, weights)[0] if sum(weights) else names[0]  # noqa: S311
        return variant, random.choice(self._instances[variant])  # noqa: S311

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call in and out, so that stop() waits for it."""
        with self._idle:
            self._calls += 1
        try:
            yield
        finally:
            with self._idle:
                self._calls -= 1
                self._idle.notify_all()

    def stop(self) -> None:
        """Let running calls end, stop every container and remove the fleet's folder."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        with self._idle:
            while self._calls and time.monotonic() < deadline:
                self._idle.wait(1.0)
        self.stop_now()

    def stop_now(self) -> None:
        """Stop every container without waiting for calls."""
        self._stopping.set()
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(Container.stop, self._all()))
        shutil.rmtree(self._folder, ignore_errors=True)


def _bring_up(container: Container, variant: dict[str, Any]) -> bool:
    return bring_up(container, _startup_seconds(variant))


def _startup_seconds(variant: dict[str, Any]) -> float:
    return float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_SECONDS))
