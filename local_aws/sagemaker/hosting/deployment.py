"""Create, update, and delete the fleet of an endpoint, and record the endpoint's status."""

import gc
import uuid
from collections.abc import Mapping
from typing import Any

from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.errors import failure_reason_of
from local_aws.sagemaker.hosting.fleet import Fleet
from local_aws.sagemaker.hosting.specs import containers_of, expand_packages
from local_aws.sagemaker.region import Region


def deploy(region: Region, name: str, config: dict[str, Any], status_after_failure: str) -> None:
    """Start a fleet for an endpoint; if it becomes healthy, it replaces the old one, if any."""
    reason = _deploy(region, name, config)
    if reason is not None and name in region.endpoints:
        region.endpoints.update(name, EndpointStatus=status_after_failure, FailureReason=reason)


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
        fleet = region.fleets.pop(name, None)
    if fleet is not None:
        fleet.stop()
    record = region.endpoints.remove(name)
    region.drop_tags(record["EndpointArn"])


def _deploy(region: Region, name: str, config: dict[str, Any]) -> str | None:
    """Put a configuration into service; if that fails, stop its fleet and return the reason."""
    fleet = None
    try:
        region.endpoint_configs.get(config["EndpointConfigName"])  # it may have been deleted
        summaries = _summaries(region, config)  # first: the models may be deleted during the start
        folder = region.folder("endpoints", name, uuid.uuid4().hex)
        fleet = Fleet(region, name, config, folder)
        fleet.start()
        outgoing = _swap(region, name, config["EndpointConfigName"], fleet, summaries)
    except Exception as error:
        if fleet is not None:
            fleet.stop_now()
        return failure_reason_of(error, f"The endpoint {name}")
    if outgoing is not None:
        outgoing.stop()
    # moto holds some 300,000 objects. A collection that visits them pauses an invocation for 0.1 s.
    gc.collect()
    gc.freeze()
    return None


def _swap(
    region: Region, name: str, config_name: str, fleet: Fleet, summaries: list[dict[str, Any]]
) -> Fleet | None:
    """Replace the old fleet with a started one; return the fleet to stop."""
    with region.lock:
        exists = name in region.endpoints
        if not exists or region.endpoints.get(name)["EndpointStatus"] == "Deleting":
            return fleet
        region.endpoints.update(
            name,
            EndpointStatus="InService",
            EndpointConfigName=config_name,
            ProductionVariants=summaries,
            FailureReason=None,
        )
        old: Fleet | None = region.fleets.get(name)
        region.fleets[name] = fleet
        return old


def _summaries(region: Region, config: dict[str, Any]) -> list[dict[str, Any]]:
    summaries = []
    for variant in config["ProductionVariants"]:
        containers = expand_packages(region, containers_of(region.models.get(variant["ModelName"])))
        images = [{"SpecifiedImage": find_image(item["Image"]).name} for item in containers]
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
