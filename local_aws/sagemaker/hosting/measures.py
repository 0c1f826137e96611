"""The metrics of one call of an endpoint, as CloudWatch names them."""

import time
from dataclasses import dataclass, field

from local_aws.monitoring.metrics import Dimensions, Value, dimensions, record

_NAMESPACE = "AWS/SageMaker"


@dataclass
class Measures:
    """The times of a call that reached the containers, and its outcome."""

    endpoint: str
    variant: str
    instances: int
    config: str | None  # the endpoint configuration, once the endpoint has been updated
    started: float  # when the request arrived (time.perf_counter)
    container_seconds: dict[str, float] = field(default_factory=dict)
    status: int = 200  # the last response of a container, or 0 without one

    def record(self, region: str) -> None:
        """Record the metrics of a call that has just ended."""
        base = dimensions(EndpointName=self.endpoint, VariantName=self.variant)
        sets = [base]
        if self.config is not None:
            sets.append((*base, ("EndpointConfigName", self.config)))
        record(region, _NAMESPACE, sets, self._values())
        if len(self.container_seconds) > 1:
            for name, seconds in self.container_seconds.items():
                record(region, _NAMESPACE, _with_container(sets, name), [_latency(seconds)])

    def _values(self) -> list[Value]:
        model = sum(self.container_seconds.values())
        overhead = time.perf_counter() - self.started - model
        kind = self.status // 100
        return [
            ("Invocations", 1.0, "None"),
            ("InvocationsPerInstance", 1 / self.instances, "None"),
            ("Invocation4XXErrors", float(kind == 4), "None"),
            ("Invocation5XXErrors", float(kind == 5), "None"),
            ("InvocationModelErrors", float(kind != 2), "None"),
            ("ModelLatency", model * 1e6, "Microseconds"),
            ("OverheadLatency", overhead * 1e6, "Microseconds"),
        ]


def _with_container(sets: list[Dimensions], name: str) -> list[Dimensions]:
    return [(*dimensions, ("ContainerName", name)) for dimensions in sets]


def _latency(seconds: float) -> Value:
    return "ContainerLatency", seconds * 1e6, "Microseconds"
