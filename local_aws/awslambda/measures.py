"""The metrics of the calls of functions, as CloudWatch names them."""

from dataclasses import dataclass

from local_aws.monitoring.metrics import Value, dimensions, record

_NAMESPACE = "AWS/Lambda"


@dataclass(frozen=True)
class Measured:
    """What is called: a function by itself, or by a version or an alias."""

    region: str
    function: str
    qualifier: str | None

    def record_call(self, version: str, seconds: float, failed: bool, calls: int) -> None:
        """Record a call that has ended, the executed version, and how many calls were running."""
        values = [
            ("Invocations", 1.0, "Count"),
            ("Errors", float(failed), "Count"),
            ("Throttles", 0.0, "Count"),
            ("Duration", seconds * 1000, "Milliseconds"),
            ("ConcurrentExecutions", float(calls), "Count"),
        ]
        self._record(values, version)

    def record_throttle(self) -> None:
        """Record a call that was refused because too many were running."""
        self._record([("Throttles", 1.0, "Count")], "")

    def _record(self, values: list[Value], version: str) -> None:
        """Record values of the function and of what was called; only an alias names the version."""
        name = dimensions(FunctionName=self.function)
        resource = f"{self.function}:{self.qualifier}" if self.qualifier else self.function
        sets = [name, (*name, ("Resource", resource))]
        if version and self.qualifier not in (None, version):
            sets.append((*sets[1], ("ExecutedVersion", version)))
        record(self.region, _NAMESPACE, sets, values)
