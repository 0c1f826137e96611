"""The pages of Lambda's lists."""

from typing import Any

from local_aws import paging
from local_aws.awslambda.errors import InvalidParameterValue

_PAGE_SIZE = 50
_DIGITS = 10  # of a version's number, at most


def page(items: list[dict[str, Any]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Return one page of a list."""
    return paging.page(items, *_query(request, member, "0"))


def functions_page(functions: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """Return one page of functions, sorted by name and version, which may be deleted meanwhile."""
    query = _query(request, "Functions", "")
    return paging.sorted_page(functions, _position, query)


def _position(function: dict[str, Any]) -> paging.Position:
    version = function["Version"]
    return function["FunctionName"], version.zfill(_DIGITS) if version.isdigit() else ""


def _query(request: dict[str, Any], member: str, first_token: str) -> paging.Query:
    size = min(request.get("MaxItems") or _PAGE_SIZE, _PAGE_SIZE)
    refusal = InvalidParameterValue("The Marker was not returned by this operation.")
    keys = (member, "NextMarker")
    return paging.Query(keys, request.get("Marker") or first_token, size, refusal)
