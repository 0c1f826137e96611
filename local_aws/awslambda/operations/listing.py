"""Cut a list into the pages that Lambda answers with."""

from typing import Any

from local_aws.errors import InvalidParameterValue

_PAGE = 50


def page(items: list[dict[str, Any]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Return one page of a list, and where the next one begins if there is one."""
    marker = request.get("Marker") or "0"
    if not marker.isdecimal() or len(marker) > 9:
        raise InvalidParameterValue("The Marker is not one that this operation returned.")
    end = int(marker) + min(request.get("MaxItems") or _PAGE, _PAGE)
    answer: dict[str, Any] = {member: items[int(marker) : end]}
    return answer | ({"NextMarker": str(end)} if end < len(items) else {})
