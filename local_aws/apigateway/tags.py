"""Tags of APIs and stages."""

import re
from typing import Any

from local_aws.apigateway.errors import NotFound
from local_aws.apigateway.records import Record
from local_aws.apigateway.stages import find_api, find_stage
from local_aws.region import Region

_ARN = re.compile(
    r"arn:aws:apigateway:[a-z0-9-]+::/apis/(?P<api>[a-z0-9]+)(/stages/(?P<stage>[^/]+))?"
)


def _tagged(region: Region, request: dict[str, Any]) -> Record:
    found = _ARN.fullmatch(request["ResourceArn"])
    if found is None:
        raise NotFound(f"Invalid resource ARN {request['ResourceArn']!r}")
    api = find_api(region, {"ApiId": found["api"]})
    record = find_stage(api, found["stage"]).record if found["stage"] else api.record
    tags: Record = record["Tags"]
    return tags


def tag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags."""
    _tagged(region, request).update(request["Tags"])
    return {}


def untag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take tags away."""
    tags = _tagged(region, request)
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


OPERATIONS = {
    "TagResource": tag,
    "UntagResource": untag,
    "GetTags": lambda region, request: {"Tags": _tagged(region, request)},
}
