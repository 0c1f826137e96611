"""Carry an endpoint from Creating or Updating to InService, Failed, or away."""

import logging
import uuid
from typing import Any

from infra.local_aws.errors import JobFailure, ServiceError
from infra.local_aws.hosting.fleet import Fleet
from infra.local_aws.hosting.specs import containers_of, expand_packages
from infra.local_aws.images import find_image
from infra.local_aws.region import Region

log = logging.getLogger(__name__)


def create(region: Region, name: str, config_name: str) -> None:
    """Start a new endpoint's fleet; InService when all containers are healthy."""
    reason = _deploy(region, name, config_name)
    if reason is not None and name in region.endpoints:
        region.endpoints.update(name, EndpointStatus="Failed", FailureReason=reason)


def update(region: Region, name: str, config_name: str) -> None:
    """Start the new fleet beside the old one and swap; the old one serves on if that fails."""
    reason = _deploy(region, name, config_name)
    if reason is not None and name in region.endpoints:
        region.endpoints.update(name, EndpointStatus="InService", FailureReason=reason)


def delete(region: Region, name: str) -> None:
    """Stop the fleet and forget the endpoint."""
    with region.lock:
        fleet = region.fleets.pop(name, None)
    if fleet is not None:
        fleet.stop()
    region.endpoints.remove(name)


def _deploy(region: Region, name: str, config_name: str) -> str | None:
    """Bring a configuration into service; return the reason if that fails."""
    try:
        config = region.endpoint_configs.get(config_name)
        folder = region.folder("endpoints", name, uuid.uuid4().hex)
        fleet = Fleet(region, name, config, folder)
    except ServiceError as error:
        return error.message
    reason = _start(fleet)
    if reason is not None:
        fleet.stop_now()
        return reason
    with region.lock:
        wanted = name in region.endpoints
        if wanted and region.endpoints.get(name)["EndpointStatus"] != "Deleting":
            old = region.fleets.get(name)
            region.fleets[name] = fleet
            region.endpoints.update(
                name,
                EndpointStatus="InService",
                EndpointConfigName=config_name,
                ProductionVariants=_summaries(region, config),
                FailureReason=None,
            )
        else:
            old = fleet
    if old is not None:
        old.stop()
    return None


def _start(fleet: Fleet) -> str | None:
    try:
        fleet.start()
    except (JobFailure, ServiceError) as failure:
        return str(failure)
    except Exception:
        log.exception("an endpoint could not be started")
        return "InternalServerError: see the local AWS's log"
    return None


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
