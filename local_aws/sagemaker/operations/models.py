"""Models and endpoint configurations: what an endpoint is made from."""

from collections.abc import Iterable
from typing import Any

from botocore.model import OperationModel

from local_aws.cloud import check_role
from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Table, now
from local_aws.region import Region
from local_aws.rules import check_members
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.hosting.serve_program import serve_program
from local_aws.sagemaker.hosting.specs import containers_of, expand_packages, package_of
from local_aws.sagemaker.operations.allowed import (
    CONTAINER_OF_A_PACKAGE,
    PACKAGED_CONTAINER,
)
from local_aws.sagemaker.operations.reading import delete, describe, listing

_VARIABLE_BYTES = 32 * 1024  # botocore's model has no such limit; the documentation does


def create_model(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Record a model of one container or of 2 to 15 in a row."""
    containers = containers_of(request)
    if "PrimaryContainer" in request and "Containers" in request:
        raise ValidationError("Give either PrimaryContainer or Containers, not both.")
    if not containers:
        raise ValidationError("At least one container is needed: PrimaryContainer or Containers.")
    for container in containers:
        _check_container(region, container)
    _check_variables(expand_packages(region, containers))
    if "ExecutionRoleArn" in request:
        check_role(region.settings, region.name, request["ExecutionRoleArn"])
    return _create(region, request, "ModelName", "model", "ModelArn")


def _check_container(region: Region, container: dict[str, Any]) -> None:
    if "ModelPackageName" in container:
        check_members(container, CONTAINER_OF_A_PACKAGE, "a container of a model package", "")
        package = package_of(region, container)
        if "InferenceSpecification" not in package:
            raise ValidationError(
                f"Model package {container['ModelPackageName']} has no InferenceSpecification."
            )
        status = package.get("ModelApprovalStatus", "Approved")
        if status != "Approved":
            raise ValidationError(
                f"Model package {container['ModelPackageName']} is {status}, not Approved."
            )
        for packaged in package["InferenceSpecification"]["Containers"]:
            check_members(packaged, PACKAGED_CONTAINER, "a model package's container", "")
        return
    if "Image" not in container:
        raise ValidationError("A container needs an Image or a ModelPackageName.")
    serve_program(find_image(container["Image"]))


def _check_variables(containers: list[dict[str, Any]]) -> None:
    """Check the variables of all containers of a model, those of a package too."""
    variables = [item for container in containers for item in _variables(container)]
    if any(name == "SAGEMAKER_MULTI_MODEL" and value for name, value in variables):
        raise not_reproduced("SAGEMAKER_MULTI_MODEL, of whatever value but an empty one,")
    size = sum(len(text.encode()) for pair in variables for text in pair)
    if size > _VARIABLE_BYTES:
        raise ValidationError(
            f"The environments of all containers have {size} bytes of names and values together; "
            f"at most {_VARIABLE_BYTES} are taken."
        )


def _variables(container: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return (container.get("Environment") or {}).items()


def create_endpoint_config(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record an endpoint configuration."""
    names = [variant["VariantName"] for variant in request["ProductionVariants"]]
    if len(set(names)) != len(names):
        raise ValidationError(f"The names of the production variants are not unique: {names}.")
    for variant in request["ProductionVariants"]:
        if "ModelName" not in variant:
            raise not_reproduced("a production variant without a ModelName")
        if "InstanceType" not in variant:
            raise ValidationError(
                f"The production variant {variant['VariantName']} has no InstanceType."
            )
        region.models.get(variant["ModelName"])
    return _create(region, request, "EndpointConfigName", "endpoint-config", "EndpointConfigArn")


def _create(
    region: Region, request: dict[str, Any], name_field: str, kind: str, arn_field: str
) -> dict[str, Any]:
    arn = region.arn(kind, request[name_field])
    record = {key: value for key, value in request.items() if key != "Tags"}
    table = region.models if kind == "model" else region.endpoint_configs
    table.add(request[name_field], record | {arn_field: arn, "CreationTime": now()})
    region.set_tags(arn, request.get("Tags"))
    return {arn_field: arn}


def _models(region: Region) -> Table:
    return region.models


def _configs(region: Region) -> Table:
    return region.endpoint_configs


OPERATIONS = {
    "CreateModel": create_model,
    "DescribeModel": describe(_models, "ModelName"),
    "ListModels": listing(_models, "ModelName"),
    "DeleteModel": delete(_models, "ModelName"),
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": describe(_configs, "EndpointConfigName"),
    "ListEndpointConfigs": listing(_configs, "EndpointConfigName"),
    "DeleteEndpointConfig": delete(_configs, "EndpointConfigName"),
}
