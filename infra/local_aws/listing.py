"""Answer every List operation alike: filter, sort, cut into pages, project on the summary."""

from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

from infra.local_aws.errors import ValidationError
from infra.local_aws.records import Record, Table

_TIMES = {"CreationTime": "CreationTime", "LastModifiedTime": "LastModifiedTime"}


def project(record: Record, shape: Shape) -> Record:
    """Keep the fields that the output shape has; absent fields stay absent."""
    return {name: value for name, value in record.items() if name in shape.members}


def list_page(request: Record, table: Table, output: Shape, name_field: str) -> Record:
    """Return one page of summaries under the list member of the operation's output shape."""
    member = next(name for name, shape in output.members.items() if shape.type_name == "list")
    records = [record for record in table if _matches(record, request, name_field)]
    key = request.get("SortBy", "CreationTime")
    field = name_field if key == "Name" else key if "Time" in key else _status(table, key)
    records.sort(
        key=lambda record: record.get(field) or record["CreationTime"],
        reverse=request.get("SortOrder", "Descending") == "Descending",
    )
    start = _offset(request.get("NextToken"))
    end = start + request.get("MaxResults", 10)
    answer = {
        member: [project(record, output.members[member].member) for record in records[start:end]]
    }
    return answer | ({"NextToken": str(end)} if end < len(records) else {})


def _status(table: Table, key: str) -> str:
    fields = {name for record in table for name in record}
    return next((name for name in sorted(fields) if name.endswith(key)), key)


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal() or len(token) > 9:
        raise ValidationError("The NextToken is not one that this operation returned.")
    return int(token)


def _matches(record: Record, request: Record, name_field: str) -> bool:
    if request.get("NameContains", "").lower() not in record[name_field].lower():
        return False
    for field in _TIMES:
        after, before = request.get(f"{field}After"), request.get(f"{field}Before")
        if after is not None and record[field] <= _time(after):
            return False
        if before is not None and record[field] >= _time(before):
            return False
    status = request.get("StatusEquals")
    if status is not None and status not in _statuses(record):
        return False
    same = ("ModelPackageGroupName", "ModelApprovalStatus")
    return all(record.get(name) == request[name] for name in same if name in request)


def _statuses(record: Record) -> list[Any]:
    return [value for name, value in record.items() if name.endswith("Status")]


def _time(value: float) -> datetime:
    return datetime.fromtimestamp(value, UTC)
