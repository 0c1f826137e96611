"""AddTags, ListTags, DeleteTags."""

from typing import Any

from botocore.model import OperationModel

from local_aws.region import Region


def add_tags(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Add or replace tags; answer all tags of the resource."""
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {"Tags": _tags(region, request["ResourceArn"])}


def list_tags(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Answer all tags of the resource."""
    return {"Tags": _tags(region, request["ResourceArn"])}


def delete_tags(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Take tags away; keys that are not there are no error, as on AWS."""
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


def _tags(region: Region, arn: str) -> list[dict[str, str]]:
    with region.lock:
        return [{"Key": key, "Value": value} for key, value in region.tags_of(arn).items()]


OPERATIONS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
