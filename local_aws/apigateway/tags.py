"""Tags of APIs and stages."""

import re
from typing import Any

from local_aws.apigateway.errors import NotFound
from local_aws.apigateway.records import Region
from local_aws.apigateway.stages import find_api, find_stage

_ARN = re.compile(
    r"arn:aws:apigateway:[a-z0-9-]+::/apis/(?P<ApiId>[a-z0-9]+)(/stages/(?P<StageName>[^/]+))?"
)


def _tags(region: Region, request: dict[str, Any]) -> dict[str, str]:
    match = _ARN.fullmatch(request["ResourceArn"])
    if match is None:
        raise NotFound(f"Invalid resource ARN {request['ResourceArn']!r}")
    find = find_stage if match["StageName"] else find_api
    tags: dict[str, str] = find(region, match.groupdict()).record["Tags"]
    return tags


def _tag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    _tags(region, request).update(request["Tags"])
    return {}


def _untag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(region, request)
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


OPERATIONS = {
    "TagResource": _tag,
    "UntagResource": _untag,
    "GetTags": lambda region, request: {"Tags": _tags(region, request)},
}
