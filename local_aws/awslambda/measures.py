"""The metrics of the calls of functions, as CloudWatch names them."""

from local_aws.monitoring.metrics import Value, dimensions, record

Called = tuple[str, str, str | None]  # region, function, and a version or an alias of it


def record_call(called: Called, version: str, seconds: float, failed: bool, calls: int) -> None:
    """Record a call that has ended, the executed version, and how many calls were running."""
    values = [
        ("Invocations", 1.0, "Count"),
        ("Errors", float(failed), "Count"),
        ("Throttles", 0.0, "Count"),
        ("Duration", seconds * 1000, "Milliseconds"),
        ("ConcurrentExecutions", float(calls), "Count"),
    ]
    _record(called, values, version)


def record_throttle(called: Called) -> None:
    """Record a call that was refused because too many were running."""
    _record(called, [("Throttles", 1.0, "Count")])


def _record(called: Called, values: list[Value], version: str = "") -> None:
    """Record values of the function and of what was called; only an alias names the version."""
    region, function, qualifier = called
    name = dimensions(FunctionName=function)
    resource = f"{function}:{qualifier}" if qualifier else function
    sets = [name, (*name, ("Resource", resource))]
    if version and qualifier not in (None, version):
        sets.append((*sets[1], ("ExecutedVersion", version)))
    record(region, "AWS/Lambda", sets, values)
