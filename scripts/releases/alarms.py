"""The alarms of an endpoint, which a stack of infra/watch.yaml has."""

from collections.abc import Sequence
from typing import Any

from scripts.account.aws import Aws, Call
from scripts.account.naming import watch_stack_name
from scripts.account.stacks import find_stack

ALARMS = "AlarmNames"  # an output of infra/watch.yaml


def describe_alarms(aws: Aws, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the metric and composite alarms of the names that exist."""
    if not names:
        return []
    response = aws.make(Call("cloudwatch", "describe_alarms", {"AlarmNames": list(names)}))
    return [*response.get("MetricAlarms", ()), *response.get("CompositeAlarms", ())]


def watch_alarms(aws: Aws, endpoint: str) -> list[str]:
    """Return the names of the alarms that `watch` created for an endpoint."""
    stack = find_stack(aws, watch_stack_name(endpoint)) or {}
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
    return [name for name in outputs.get(ALARMS, "").split(",") if name]
