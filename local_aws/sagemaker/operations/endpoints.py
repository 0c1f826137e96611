"""CreateEndpoint, UpdateEndpoint, DescribeEndpoint, ListEndpoints, DeleteEndpoint."""

import threading
from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record
from local_aws.sagemaker.errors import ResourceLimitExceeded
from local_aws.sagemaker.hosting import deployment
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.region import Region

_MAX_INSTANCES = 20
_ENDPOINTS = Resource("endpoint", "EndpointName", lambda region: region.endpoints)


def create_endpoint(region: Region, request: Record, model: OperationModel) -> Record:
    """Record an endpoint and start its containers in a thread."""
    config = region.endpoint_configs.get(request["EndpointConfigName"])
    _check_quota(config)
    reply = _ENDPOINTS.create(region, request, EndpointStatus="Creating")
    _start(deployment.deploy, region, request["EndpointName"], config, "Failed")
    return reply


def update_endpoint(region: Region, request: Record, model: OperationModel) -> Record:
    """Start the containers of another configuration; the old ones serve until these are healthy."""
    config = region.endpoint_configs.get(request["EndpointConfigName"])
    name = request["EndpointName"]
    if request.get("RetainAllVariantProperties"):
        config = deployment.retain_variants(config, region.endpoints.get(name))
    _check_quota(config)
    arn = region.arn("endpoint", name)
    with region.lock:
        status = region.endpoints.get(name)["EndpointStatus"]
        if status == "Failed":
            raise ValidationError(f'Cannot update endpoint "{arn}": it is Failed.')
        if status != "InService":
            raise ValidationError(f'Cannot update in-progress endpoint "{arn}".')
        region.endpoints.update(name, EndpointStatus="Updating")
    _start(deployment.deploy, region, name, config, "InService")
    return {"EndpointArn": arn}


def _check_quota(config: Record) -> None:
    """Raise ResourceLimitExceeded if a configuration has more instances than are allowed."""
    counts = [variant.get("InitialInstanceCount", 1) for variant in config["ProductionVariants"]]
    if sum(counts) > _MAX_INSTANCES:
        raise ResourceLimitExceeded(
            f"The account-level service limit 'Number of instances across an endpoint' is "
            f"{_MAX_INSTANCES} Instances, with a request delta of {sum(counts)} Instances. Reduce "
            "InitialInstanceCount."
        )


def _start(target: Callable[..., None], region: Region, name: str, *arguments: Any) -> None:
    threading.Thread(
        target=target, args=(region, name, *arguments), name=f"endpoint-{name}", daemon=True
    ).start()


def delete_endpoint(region: Region, request: Record, model: OperationModel) -> Record:
    """Stop the endpoint's containers, then delete its record."""
    name = request["EndpointName"]
    with region.lock:
        if region.endpoints.get(name)["EndpointStatus"] not in ("InService", "Failed"):
            raise ValidationError(
                f'Cannot update in-progress endpoint "{region.arn("endpoint", name)}".'
            )
        region.endpoints.update(name, EndpointStatus="Deleting")
    _start(deployment.delete, region, name)
    return {}


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "UpdateEndpoint": update_endpoint,
    "DescribeEndpoint": _ENDPOINTS.describe,
    "ListEndpoints": _ENDPOINTS.list_page,
    "DeleteEndpoint": delete_endpoint,
}
