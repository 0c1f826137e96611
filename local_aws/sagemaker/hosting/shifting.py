"""Move the traffic of an endpoint to a new fleet stage by stage, and back if an alarm goes off."""

import time
from typing import Any

from local_aws.monitoring import alarms
from local_aws.records import now
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.hosting.fleet import Fleet
from local_aws.sagemaker.hosting.rollout import Rollout, Stage
from local_aws.sagemaker.hosting.traffic import Traffic
from local_aws.sagemaker.region import Region


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
