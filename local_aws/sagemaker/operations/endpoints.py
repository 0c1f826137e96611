"""CreateEndpoint, UpdateEndpoint, DescribeEndpoint, ListEndpoints, DeleteEndpoint."""

import threading
from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ResourceLimitExceeded, ValidationError
from local_aws.records import Table, now
from local_aws.region import Region
from local_aws.sagemaker.hosting import deployment
from local_aws.sagemaker.operations.reading import describe, listing

_MOST_INSTANCES = 20


def create_endpoint(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record an endpoint and start its containers in a thread of its own."""
    _check_quota(region.endpoint_configs.get(request["EndpointConfigName"]))
    name = request["EndpointName"]
    arn = region.arn("endpoint", name)
    time = now()
    record = {key: value for key, value in request.items() if key != "Tags"} | {
        "EndpointArn": arn,
        "EndpointStatus": "Creating",
        "CreationTime": time,
        "LastModifiedTime": time,
    }
    region.endpoints.add(name, record)
    region.set_tags(arn, request.get("Tags"))
    _start(deployment.create, region, name, request["EndpointConfigName"])
    return {"EndpointArn": arn}


def update_endpoint(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Start the containers of another configuration; the old ones serve until those are healthy."""
    _check_quota(region.endpoint_configs.get(request["EndpointConfigName"]))
    name = request["EndpointName"]
    with region.lock:
        status = region.endpoints.get(name)["EndpointStatus"]
        if status != "InService":
            raise ValidationError(
                f'Cannot update in-progress endpoint "{region.arn("endpoint", name)}".'
                if status != "Failed"
                else f'Cannot update endpoint "{region.arn("endpoint", name)}": it is Failed.'
            )
        region.endpoints.update(name, EndpointStatus="Updating")
    _start(deployment.update, region, name, request["EndpointConfigName"])
    return {"EndpointArn": region.arn("endpoint", name)}


def _check_quota(config: dict[str, Any]) -> None:
    """Raise ResourceLimitExceeded for more instances than an account, or a laptop, has."""
    counts = [variant.get("InitialInstanceCount", 1) for variant in config["ProductionVariants"]]
    if sum(counts) > _MOST_INSTANCES:
        raise ResourceLimitExceeded(
            f"The account-level service limit 'Number of instances across an endpoint' is "
            f"{_MOST_INSTANCES} Instances, with a request delta of {sum(counts)} Instances. Ask "
            "for fewer in InitialInstanceCount."
        )


def _start(target: Any, region: Region, name: str, *arguments: str) -> None:
    threading.Thread(
        target=target, args=(region, name, *arguments), name=f"endpoint-{name}", daemon=True
    ).start()


def delete_endpoint(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Stop the endpoint's containers, then forget it."""
    name = request["EndpointName"]
    with region.lock:
        if region.endpoints.get(name)["EndpointStatus"] not in ("InService", "Failed"):
            raise ValidationError(
                f'Cannot update in-progress endpoint "{region.arn("endpoint", name)}".'
            )
        region.endpoints.update(name, EndpointStatus="Deleting")
    _start(deployment.delete, region, name)
    return {}


def _endpoints(region: Region) -> Table:
    return region.endpoints


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "UpdateEndpoint": update_endpoint,
    "DescribeEndpoint": describe(_endpoints, "EndpointName"),
    "ListEndpoints": listing(_endpoints, "EndpointName"),
    "DeleteEndpoint": delete_endpoint,
}
