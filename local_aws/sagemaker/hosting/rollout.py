"""The stages in which an update moves traffic to the new fleet, read from a DeploymentConfig."""

import math
from dataclasses import dataclass
from typing import Any

from local_aws.errors import ValidationError, not_reproduced

_PERCENTS = {"CanarySize": (1, 50), "LinearStepSize": (10, 50)}
_SIZES = {"ALL_AT_ONCE": None, "CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
_MAX_SECONDS = 28_800  # the longest deployment
_TOLERANCE = 1e-9  # of the number of steps, which may be rounded up


@dataclass(frozen=True)
class Stage:
    """A share of the traffic for the new fleet, and the time for which alarms are watched."""

    share: float
    seconds: int  # as requested; a shortened minute shortens them
    capacity: str  # in messages

    def instances(self, count: int) -> int:
        """Return the number of instances, of all, that messages name."""
        return max(1, round(self.share * count))


@dataclass(frozen=True)
class Rollout:
    """The stages of an update, and the alarms that end it. By default, there are none."""

    stages: tuple[Stage, ...] = ()
    alarms: tuple[str, ...] = ()
    max_seconds: int = _MAX_SECONDS
    config: dict[str, Any] | None = None  # as requested


def read_rollout(config: dict[str, Any] | None, variants: list[dict[str, Any]]) -> Rollout:
    """Return the rollout of a DeploymentConfig; raise ValidationError if it contradicts itself."""
    if config is None:
        return Rollout()
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    names = tuple(alarm["AlarmName"] for alarm in alarms if "AlarmName" in alarm)
    policy = config.get("BlueGreenUpdatePolicy")
    if policy is None:
        return Rollout((Stage(1.0, 0, "full"),), names, config=config)
    wait = policy.get("TerminationWaitInSeconds", 0)
    stages = (*_partial_stages(policy, variants), Stage(1.0, wait, "full"))
    limit = policy.get("MaximumExecutionTimeoutInSeconds", _MAX_SECONDS)
    waits = sum(stage.seconds for stage in stages)
    if waits >= limit:
        raise ValidationError(
            f"The deployment waits for {waits} seconds, but MaximumExecutionTimeoutInSeconds is "
            f"{limit}. Set it to more than all waits together."
        )
    return Rollout(stages, names, limit, config)


def _partial_stages(policy: dict[str, Any], variants: list[dict[str, Any]]) -> list[Stage]:
    routing = policy["TrafficRoutingConfiguration"]
    kind, seconds = routing["Type"], routing["WaitIntervalInSeconds"]
    member = _SIZES[kind]
    for name in _PERCENTS:
        if (name in routing) != (name == member):
            verb = "requires" if name == member else "does not allow"
            raise ValidationError(f"The traffic routing type {kind} {verb} {name}.")
    if member is None:
        return []
    size = _share(member, routing[member], variants)
    if kind == "CANARY":
        return [Stage(size, seconds, "canary")]
    steps = range(1, math.ceil(1 / size - _TOLERANCE))
    return [Stage(step * size, seconds, "partial") for step in steps]


def _share(member: str, size: dict[str, Any], variants: list[dict[str, Any]]) -> float:
    """Return the share of the traffic for a size; raise ValidationError if it is out of range."""
    value, (lowest, highest) = size["Value"], _PERCENTS[member]
    percent = float(value)
    if size["Type"] == "INSTANCE_COUNT":
        if len(variants) > 1:
            raise not_reproduced(f"{member} as INSTANCE_COUNT with several production variants")
        percent = 100 * value / variants[0].get("InitialInstanceCount", 1)
    if not lowest <= percent <= highest:
        raise ValidationError(
            f"{member} is {value} ({size['Type']}); expected {lowest}-{highest} percent of the "
            "instances of each production variant."
        )
    return percent / 100
