"""Describe, List and Delete, which are alike for every kind of record."""

from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel

from local_aws.records import Table
from local_aws.region import Region
from local_aws.sagemaker.operations.listing import list_page, project

Operation = Callable[[Region, dict[str, Any], OperationModel], dict[str, Any]]


def describe(table: Callable[[Region], Table], name_field: str) -> Operation:
    """Return the operation that answers a record as it was requested and as it stands."""

    def operation(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
        return project(table(region).get(request[name_field]), model.output_shape)

    return operation


def listing(table: Callable[[Region], Table], name_field: str) -> Operation:
    """Return the operation that answers one page of summaries."""

    def operation(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
        return list_page(request, table(region), model.output_shape, name_field)

    return operation


def delete(table: Callable[[Region], Table], name_field: str) -> Operation:
    """Return the operation that forgets a record; what was made from it goes on."""

    def operation(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
        record = table(region).remove(request[name_field])
        region.drop_tags(record[name_field.removesuffix("Name") + "Arn"])
        return {}

    return operation
