"""Create, update, and delete the fleet of an endpoint, and record the endpoint's status."""

import gc
import uuid
from collections.abc import Mapping
from typing import Any

from local_aws.records import now
from local_aws.sagemaker.errors import failure_reason_of
from local_aws.sagemaker.hosting import shifting
from local_aws.sagemaker.hosting.fleet import Fleet
from local_aws.sagemaker.hosting.shifting import Rollout, Traffic
from local_aws.sagemaker.hosting.specs import specs_of
from local_aws.sagemaker.region import Region

UPDATED = "_updated"  # whether an endpoint has been updated, also in an earlier run


def deploy(
    region: Region, name: str, config: dict[str, Any], status_after_failure: str, rollout: Rollout
) -> None:
    """Start a fleet for an endpoint; if it becomes healthy and no alarm goes off, it takes over."""
    reason = _deploy(region, name, config, rollout)
    if reason is not None and name in region.endpoints:
        region.endpoints.update(
            name,
            EndpointStatus=status_after_failure,
            FailureReason=reason,
            PendingDeploymentSummary=None,
            LastDeploymentConfig=rollout.config,
        )


def retain_variants(config: dict[str, Any], endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with the counts and weights of an endpoint's variants of its names."""
    live = {variant["VariantName"]: variant for variant in endpoint.get("ProductionVariants", [])}
    variants = []
    for variant in config["ProductionVariants"]:
        if current := live.get(variant["VariantName"]):
            count, weight = current["DesiredInstanceCount"], current["DesiredWeight"]
            variant |= {"InitialInstanceCount": count, "InitialVariantWeight": weight}
        variants.append(variant)
    return {**config, "ProductionVariants": variants}


def delete(region: Region, name: str) -> None:
    """Stop the fleet and delete the endpoint."""
    with region.lock:
        traffic = region.traffic.pop(name, None)
    if traffic is not None:
        traffic.fleet.stop()
    with region.lock:  # the tags of a new endpoint of its name wait
        record = region.endpoints.remove(name)
        region.tags.pop(record["EndpointArn"], None)


def _deploy(region: Region, name: str, config: dict[str, Any], rollout: Rollout) -> str | None:
    """Put a configuration into service; if that fails, stop its fleet and return the reason."""
    fleet = None
    try:
        region.endpoint_configs.get(config["EndpointConfigName"])  # it may have been deleted
        summaries = _summaries(region, config)  # first: the models may be deleted during the start
        region.endpoints.update(name, PendingDeploymentSummary=_pending(config, summaries))
        folder = region.folder("endpoints", name, uuid.uuid4().hex)
        fleet = Fleet(region, name, config, folder)
        fleet.start()
        shifting.shift(region, name, fleet, rollout)
        fields = {
            "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": summaries,
            "LastDeploymentConfig": rollout.config,
        }
        outgoing = _swap(region, name, fleet, fields)
    except Exception as error:
        if fleet is not None:
            shifting.take_back(region, name, fleet)
        return failure_reason_of(error, f"The endpoint {name}")
    if outgoing is not None:
        outgoing.stop()
    # moto holds some 300,000 objects. A collection that visits them pauses an invocation for 0.1 s.
    gc.collect()
    gc.freeze()
    return None


def _swap(region: Region, name: str, fleet: Fleet, fields: dict[str, Any]) -> Fleet | None:
    """Replace the old fleet with a started one; return the fleet to stop."""
    with region.lock:
        endpoint = region.endpoints.get(name) if name in region.endpoints else None
        if endpoint is None or endpoint["EndpointStatus"] == "Deleting":
            return fleet
        region.endpoints.update(
            name,
            EndpointStatus="InService",
            PendingDeploymentSummary=None,
            FailureReason=None,
            **fields,
        )
        old: Traffic | None = region.traffic.get(name)
        region.traffic[name] = Traffic(fleet, is_updated=endpoint.get(UPDATED, False))
        return None if old is None else old.fleet


def _pending(config: dict[str, Any], summaries: list[dict[str, Any]]) -> dict[str, Any]:
    variants = [
        summary
        | {
            "CurrentInstanceCount": 0,
            "VariantStatus": shifting.status(
                "Creating", f"Launching {summary['DesiredInstanceCount']} instance(s)."
            ),
        }
        for summary in summaries
    ]
    return {
        "EndpointConfigName": config["EndpointConfigName"],
        "StartTime": now(),
        "ProductionVariants": variants,
    }


def _summaries(region: Region, config: dict[str, Any]) -> list[dict[str, Any]]:
    summaries = []
    for variant in config["ProductionVariants"]:
        containers = specs_of(region, variant["ModelName"])
        images = [{"SpecifiedImage": item["Image"]} for item in containers]
        weight = variant.get("InitialVariantWeight", 1.0)
        count = variant.get("InitialInstanceCount", 1)
        summaries.append(
            {
                "VariantName": variant["VariantName"],
                "DeployedImages": images,
                "CurrentWeight": weight,
                "DesiredWeight": weight,
                "CurrentInstanceCount": count,
                "DesiredInstanceCount": count,
            }
        )
    return summaries
