"""The pages of Lambda's lists."""

from typing import Any

from local_aws.errors import InvalidParameterValue

_PAGE_SIZE = 50


def page(items: list[dict[str, Any]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Return one page of a list; its marker is the index of the next item."""
    marker = request.get("Marker") or "0"
    if not marker.isdecimal() or len(marker) > 9:
        raise InvalidParameterValue("The Marker was not returned by this operation.")
    end = int(marker) + min(request.get("MaxItems") or _PAGE_SIZE, _PAGE_SIZE)
    following = {"NextMarker": str(end)} if end < len(items) else {}
    return {member: items[int(marker) : end], **following}
