"""The traffic of an endpoint, and how an update moves it to a new fleet in stages.

The stages are those of a DeploymentConfig. If an alarm goes off, the traffic moves back.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.monitoring import alarms
from local_aws.monitoring.shares import Shares
from local_aws.records import now
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.hosting.fleet import Fleet
from local_aws.sagemaker.region import Region

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


@dataclass(frozen=True)
class Traffic:
    """The fleet of an endpoint and, during an update, the fleet that may replace it."""

    fleet: Fleet
    incoming: Fleet | None = None
    share: float = 0.0  # of the calls that the incoming fleet answers
    is_updated: bool = False  # from the first update on, metrics name the configuration
    _shares: Shares = field(default_factory=Shares)

    def draw(self) -> Fleet:
        """Return the fleet for one call, so that of any n calls in a row the share is exact."""
        chosen = self._shares.choose("", self.share)
        return self.incoming if self.incoming is not None and chosen else self.fleet


def status(kind: str, message: str) -> list[dict[str, Any]]:
    """Return the VariantStatus of a variant whose status has just changed."""
    return [{"Status": kind, "StatusMessage": message, "StartTime": now()}]


def shift(region: Region, name: str, fleet: Fleet, rollout: Rollout) -> None:
    """Give a started fleet its share of the calls in each stage; raise JobFailure on an alarm."""
    seconds = region.settings.scaled(rollout.max_seconds)
    deadline = time.monotonic() + seconds
    for stage in rollout.stages:
        _describe(region, name, stage, "ActivatingTraffic")
        with region.lock:
            region.traffic[name] = Traffic(region.traffic[name].fleet, fleet, stage.share, True)
        _describe(region, name, stage, "Baking")
        _bake(region, stage, rollout, deadline)


def _bake(region: Region, stage: Stage, rollout: Rollout, deadline: float) -> None:
    """Watch the alarms until the end of a stage."""
    seconds, left = region.settings.scaled(stage.seconds), deadline - time.monotonic()
    if tripped := alarms.watch(region.name, rollout.alarms, min(seconds, left)):
        raise JobFailure(
            "The deployment was rolled back because these CloudWatch alarms went off: "
            f"{', '.join(tripped)}."
        )
    if left < seconds:
        raise JobFailure(
            "The deployment was rolled back because it took longer than its "
            f"MaximumExecutionTimeoutInSeconds, {rollout.max_seconds}."
        )


def take_back(region: Region, name: str, fleet: Fleet) -> None:
    """Return all calls to the old fleet, and stop the new one once its calls have ended."""
    with region.lock:
        traffic: Traffic | None = region.traffic.get(name)
        has_calls = traffic is not None and traffic.incoming is fleet
        if traffic is not None and has_calls:
            region.traffic[name] = Traffic(traffic.fleet, is_updated=True)
            region.endpoints.update(name, EndpointStatus="RollingBack")
    if has_calls:
        fleet.stop()
    else:
        fleet.stop_now()


def _describe(region: Region, name: str, stage: Stage, kind: str) -> None:
    """Record the status of the variants of a deployment in progress."""
    pending = region.endpoints.get(name)["PendingDeploymentSummary"]
    for variant in pending["ProductionVariants"]:
        count = variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
        capacity = f"{stage.capacity} capacity of {stage.instances(count)} instance(s)."
        message = f"Activating traffic on {capacity}"
        if kind == "Baking":
            wait = f"{stage.seconds} seconds (TerminationWaitInSeconds)"  # the name in every stage
            message = f"Baking for {wait} with traffic enabled on {capacity}"
        variant["VariantStatus"] = status(kind, message)
    region.endpoints.update(name, PendingDeploymentSummary=pending)
