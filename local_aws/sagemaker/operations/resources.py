"""Create, Describe, List, and Delete, which work the same way for every kind of resource."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record, Table, now
from local_aws.sagemaker.errors import ResourceInUse
from local_aws.sagemaker.jobs.run import stop_in_background
from local_aws.sagemaker.operations.listing import list_page, project
from local_aws.sagemaker.region import Region


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
