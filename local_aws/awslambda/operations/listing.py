"""The pages of Lambda's lists."""

from typing import Any

from local_aws import paging
from local_aws.awslambda.errors import InvalidParameterValue

_PAGE_SIZE = 50
_DIGITS = 10  # of a version's number, at most


def page(items: list[dict[str, Any]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Return one page of functions, versions, or aliases, which may be deleted meanwhile."""
    size = min(request.get("MaxItems") or _PAGE_SIZE, _PAGE_SIZE)
    refusal = InvalidParameterValue("The Marker was not returned by this operation.")
    query = paging.Query((member, "NextMarker"), request.get("Marker") or "", size, refusal)
    return paging.sorted_page(sorted(items, key=_position), _position, query)


def _position(item: dict[str, Any]) -> paging.Position:
    name, version = item.get("Name") or item["FunctionName"], item.get("Version", "")
    return name, version.zfill(_DIGITS) if version.isdigit() else ""
