"""All operations of SageMaker's control plane by name, and those on tags."""

from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel

from local_aws.records import Record
from local_aws.sagemaker.operations import (
    endpoints,
    models,
    processing_jobs,
    registry,
    search,
    training_jobs,
    transform_jobs,
    tuning_jobs,
)
from local_aws.sagemaker.region import Region


def add_tags(region: Region, request: Record, model: OperationModel) -> Record:
    """Add or replace tags; return all tags of the resource."""
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return _list_tags(region, request, model)


def _list_tags(region: Region, request: Record, model: OperationModel) -> Record:
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def delete_tags(region: Region, request: Record, model: OperationModel) -> Record:
    """Delete tags; as on AWS, keys that do not exist are ignored."""
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    **training_jobs.OPERATIONS,
    **processing_jobs.OPERATIONS,
    **tuning_jobs.OPERATIONS,
    **transform_jobs.OPERATIONS,
    **registry.OPERATIONS,
    **models.OPERATIONS,
    **endpoints.OPERATIONS,
    "AddTags": add_tags,
    "ListTags": _list_tags,
    "DeleteTags": delete_tags,
    **search.OPERATIONS,
}
