"""The pages of Lambda's lists."""

from typing import Any

from local_aws import paging
from local_aws.awslambda.errors import InvalidParameterValue

_PAGE_SIZE = 50


def page(items: list[dict[str, Any]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Return one page of a list."""
    size = min(request.get("MaxItems") or _PAGE_SIZE, _PAGE_SIZE)
    refusal = InvalidParameterValue("The Marker was not returned by this operation.")
    return paging.page(items, (member, "NextMarker"), request.get("Marker") or "0", size, refusal)
