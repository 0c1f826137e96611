"""The metrics of the calls of HTTP APIs, as CloudWatch names them."""

from dataclasses import dataclass

from local_aws.monitoring.metrics import Value, dimensions, record

_NAMESPACE = "AWS/ApiGateway"


@dataclass(frozen=True)
class Measures:
    """A call that has ended."""

    status: int
    seconds: float
    integration_seconds: float | None  # None if the call never reached the function
    data_bytes: int

    def record(self, region: str, api_id: str, stage: str) -> None:
        """Record the metrics of the call."""
        values: list[Value] = [
            ("Count", 1.0, "Count"),
            ("4xx", float(400 <= self.status < 500), "Count"),
            ("5xx", float(self.status >= 500), "Count"),
            ("Latency", self.seconds * 1000, "Milliseconds"),
            ("DataProcessed", float(self.data_bytes), "Bytes"),
        ]
        if self.integration_seconds is not None:
            latency = self.integration_seconds * 1000
            values.append(("IntegrationLatency", latency, "Milliseconds"))
        api = dimensions(ApiId=api_id)
        record(region, _NAMESPACE, [api, (*api, ("Stage", stage))], values)
