"""Create, Describe, List, and Delete, which work the same way for every kind of resource."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel, Shape

from local_aws import paging
from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record, Table, now
from local_aws.sagemaker.errors import ResourceInUse
from local_aws.sagemaker.jobs.run import stop_in_background
from local_aws.sagemaker.region import Region

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


@dataclass(frozen=True)
class Resource:
    """A kind of resource and its operations."""

    kind: str  # in ARNs
    name_field: str  # in requests
    table: Callable[[Region], Table]
    # A record's key in the table, by its name.
    key: Callable[[Region, str], str] = lambda region, name: name

    @property
    def _prefix(self) -> str:
        return self.name_field.removesuffix("Name")

    def create(self, region: Region, request: Record, **fields: Any) -> Record:
        """Store the record of a request, and its tags; return the response, which is its ARN."""
        name, time, arn_field = request[self.name_field], now(), f"{self._prefix}Arn"
        arn = region.arn(self.kind, name)
        times = {"CreationTime": time, "LastModifiedTime": time}
        record = {key: value for key, value in request.items() if key != "Tags"}
        self.table(region).add(name, record | {arn_field: arn, **times, **fields})
        region.set_tags(arn, request.get("Tags"))
        return {arn_field: arn}

    def get(self, region: Region, request: Record) -> Record:
        """Return the record that a request names."""
        return self.table(region).get(self.key(region, request[self.name_field]))

    def describe(self, region: Region, request: Record, model: OperationModel) -> Record:
        """Return the members of a record that the operation's output has."""
        return project(self.get(region, request), model.output_shape)

    def list_page(self, region: Region, request: Record, model: OperationModel) -> Record:
        """Return one page of summaries."""
        return list_page(request, self.table(region), model.output_shape, self.name_field)

    def delete(self, region: Region, request: Record, model: OperationModel) -> Record:
        """Delete a record; whatever was created from it continues to exist."""
        with region.lock:  # the tags of a new one of its name wait
            record = self.table(region).remove(self.key(region, request[self.name_field]))
            region.tags.pop(record[f"{self._prefix}Arn"], None)
        return {}

    def start(self, work: Callable[..., None], region: Region, name: str, *arguments: Any) -> None:
        """Do the work of a resource in a thread of its own."""
        thread = f"{self.kind}-{name}"
        arguments = (region, name, *arguments)
        threading.Thread(target=work, args=arguments, name=thread, daemon=True).start()

    def stop(self, region: Region, name: str, **fields: Any) -> Record:
        """Ask a job to end, whose thread then changes its status from Stopping to Stopped.

        Raise ValidationError unless it is in progress.
        """
        with region.lock:
            status = self.table(region).get(name)[f"{self._prefix}Status"]
            if status != "InProgress":
                noun = self.kind.removeprefix("hyper-parameter-").replace("-", " ")
                raise ValidationError(
                    f"The request was rejected because the {noun} is in status {status}."
                )
            fields[f"{self._prefix}Status"] = "Stopping"
            self.table(region).update(name, **fields)
            stop_in_background(region, region.arn(self.kind, name))
        return {}

    def stop_job(self, region: Region, request: Record, model: OperationModel) -> Record:
        """Ask the job of a request to end."""
        return self.stop(region, request[self.name_field])

    def delete_job(self, region: Region, request: Record, model: OperationModel) -> Record:
        """Delete a job that has ended; its output in S3 and its log remain."""
        with region.lock:
            status = self.get(region, request)[f"{self._prefix}Status"]
            if status in ("InProgress", "Stopping"):
                noun, name = self.kind.replace("-", " "), request[self.name_field]
                raise ResourceInUse(
                    f"The {noun} {name} is {status}. Stop it first and wait until it has ended."
                )
            return self.delete(region, request, model)
