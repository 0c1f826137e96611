"""Answer every List operation alike: filter, sort, cut into pages, project on the summary."""

from datetime import UTC, datetime

from botocore.model import Shape

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record, Table

_TIMES = ("CreationTime", "LastModifiedTime")
_SAME = ("ModelPackageGroupName", "ModelApprovalStatus")
_KNOWN = {
    *("NameContains", "StatusEquals", "SortBy", "SortOrder", "MaxResults", "NextToken"),
    *(f"{name}{side}" for name in _TIMES for side in ("After", "Before")),
    *_SAME,
}


def project(record: Record, shape: Shape) -> Record:
    """Keep the fields that the output shape has; absent fields stay absent."""
    return {name: value for name, value in record.items() if name in shape.members}


def list_page(request: Record, table: Table, output: Shape, name_field: str) -> Record:
    """Return one page of summaries under the list member of the operation's output shape."""
    for name in sorted(request.keys() - _KNOWN):
        raise not_reproduced(f"the filter {name}")
    records = [record for record in table if _matches(record, request, name_field)]
    key: str = request.get("SortBy", "CreationTime")
    field = {"Name": name_field, "Status": _status_field(name_field)}.get(key, key)
    records.sort(
        key=lambda record: record.get(field) or record["CreationTime"],
        reverse=request.get("SortOrder", "Descending") == "Descending",
    )
    return page(request, records, output)


def page(request: Record, records: list[Record], output: Shape) -> Record:
    """Return the page of records that a request asks for, and the token of the next one."""
    member = next(name for name, shape in output.members.items() if shape.type_name == "list")
    start = _offset(request.get("NextToken"))
    end = start + request.get("MaxResults", 10)
    answer = {
        member: [project(record, output.members[member].member) for record in records[start:end]]
    }
    return answer | ({"NextToken": str(end)} if end < len(records) else {})


def _status_field(name_field: str) -> str:
    return name_field.removesuffix("Name") + "Status"


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
    if status is not None and status != record.get(_status_field(name_field)):
        return False
    return all(record.get(name) == request[name] for name in _SAME if name in request)


def _time(value: float) -> datetime:
    return datetime.fromtimestamp(value, UTC)
