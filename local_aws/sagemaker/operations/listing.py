"""List operations: filter and sort records, and return one page of their summaries."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

from local_aws import paging
from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record

_PAGE_SIZE = 10
_TIMES = ("CreationTime", "LastModifiedTime")
_EQUAL = ("ModelPackageGroupName", "ModelApprovalStatus")
_SUPPORTED = {
    *("NameContains", "StatusEquals", "SortBy", "SortOrder", "MaxResults", "NextToken"),
    *(f"{name}{side}" for name in _TIMES for side in ("After", "Before")),
    *_EQUAL,
}


def project(record: Record, shape: Shape) -> Record:
    """Return the fields of a record that are members of an output shape."""
    return {name: value for name, value in record.items() if name in shape.members}


def list_page(request: Record, table: Iterable[Record], output: Shape, name_field: str) -> Record:
    """Return one page of the summaries of the records that match a request."""
    for name in sorted(request.keys() - _SUPPORTED):
        raise not_reproduced(f"the filter {name}")
    records = [record for record in table if _matches(record, request, name_field)]
    key: str = request.get("SortBy", "CreationTime")
    field = {"Name": name_field, "Status": _status_field(name_field)}.get(key, key)

    def position(record: Record) -> paging.Position:
        created, arn = record["CreationTime"], f"{name_field.removesuffix('Name')}Arn"
        return _text(record.get(field) or created), _text(created), record[arn]

    descending = request.get("SortOrder", "Descending") == "Descending"
    records.sort(key=position, reverse=descending)
    reply = paging.sorted_page(records, position, _query(request, output, ""), descending)
    return _with_summaries(reply, output)


def page(request: Record, records: list[Record], output: Shape) -> Record:
    """Return the requested page of records in their order, and the token of the next page."""
    return _with_summaries(paging.page(records, *_query(request, output, "0")), output)


def _query(request: Record, output: Shape, first_token: str) -> paging.Query:
    refusal = ValidationError("The NextToken was not returned by this operation.")
    keys, token = (_list_in(output), "NextToken"), request.get("NextToken", first_token)
    return paging.Query(keys, token, request.get("MaxResults", _PAGE_SIZE), refusal)


def _with_summaries(reply: Record, output: Shape) -> Record:
    member = _list_in(output)
    summary = output.members[member].member
    return reply | {member: [project(record, summary) for record in reply[member]]}


def _list_in(output: Shape) -> str:
    return next(name for name, shape in output.members.items() if shape.type_name == "list")


def _text(value: Any) -> str:
    """Return a text or a time as a text that sorts in the same way."""
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)


def _status_field(name_field: str) -> str:
    return name_field.removesuffix("Name") + "Status"


def _matches(record: Record, request: Record, name_field: str) -> bool:
    if request.get("NameContains", "").lower() not in record[name_field].lower():
        return False
    for field in _TIMES:
        after, before = request.get(f"{field}After"), request.get(f"{field}Before")
        if after is not None and record[field] <= datetime.fromtimestamp(after, UTC):
            return False
        if before is not None and record[field] >= datetime.fromtimestamp(before, UTC):
            return False
    status = request.get("StatusEquals")
    if status is not None and status != record.get(_status_field(name_field)):
        return False
    return all(record.get(name) == request[name] for name in _EQUAL if name in request)
