"""Create, Describe, List, and Delete, which work the same way for every kind of resource."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record, Table, now
from local_aws.sagemaker.operations.listing import list_page, project
from local_aws.sagemaker.region import Region

Operation = Callable[[Region, Record, OperationModel], Record]


def _same_name(region: Region, name: str) -> str:
    return name


@dataclass(frozen=True)
class Resource:
    """A kind of resource and its operations."""

    kind: str  # in ARNs
    name_field: str  # in requests
    table: Callable[[Region], Table]
    key: Callable[[Region, str], str] = _same_name  # a record's key in the table, by its name

    @property
    def _prefix(self) -> str:
        return self.name_field.removesuffix("Name")

    def record(self, region: Region, request: Record, **fields: Any) -> Record:
        """Return the record of a new resource: its request without tags, ARN, and times."""
        time = now()
        return {name: value for name, value in request.items() if name != "Tags"} | {
            f"{self._prefix}Arn": region.arn(self.kind, request[self.name_field]),
            "CreationTime": time,
            "LastModifiedTime": time,
            **fields,
        }

    def add(self, region: Region, record: Record, tags: list[dict[str, str]] | None) -> Record:
        """Store a new record with its tags; return the response, which is its ARN."""
        arn_field = f"{self._prefix}Arn"
        self.table(region).add(record[self.name_field], record)
        region.set_tags(record[arn_field], tags)
        return {arn_field: record[arn_field]}

    def create(self, region: Region, request: Record, **fields: Any) -> Record:
        """Store the record of a request; return the response, which is its ARN."""
        return self.add(region, self.record(region, request, **fields), request.get("Tags"))

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
        record = self.table(region).remove(self.key(region, request[self.name_field]))
        region.drop_tags(record[f"{self._prefix}Arn"])
        return {}

    def mark_stopping(self, region: Region, name: str, **fields: Any) -> None:
        """Set a job's status to Stopping; raise ValidationError unless it is in progress."""
        status_field = f"{self._prefix}Status"
        with region.lock:
            status = self.table(region).get(name)[status_field]
            if status != "InProgress":
                noun = self.kind.removeprefix("hyper-parameter-").replace("-", " ")
                raise ValidationError(
                    f"The request was rejected because the {noun} is in status {status}."
                )
            self.table(region).update(name, **{status_field: "Stopping"}, **fields)
