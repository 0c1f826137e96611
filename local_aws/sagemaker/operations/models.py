"""Models and endpoint configurations, from which endpoints are created."""

from botocore.model import OperationModel

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.rules import check_members
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.hosting.specs import (
    check_processor,
    containers_of,
    expand_packages,
    package_of,
    serve_program,
)
from local_aws.sagemaker.operations.allowed import CONTAINER_OF_A_PACKAGE, PACKAGED_CONTAINER
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.region import Region

_MAX_VARIABLE_BYTES = 32 * 1024  # from the documentation; botocore's model has no such limit
_MODELS = Resource("model", "ModelName", lambda region: region.models)
_CONFIGS = Resource("endpoint-config", "EndpointConfigName", lambda region: region.endpoint_configs)


def create_model(region: Region, request: Record, model: OperationModel) -> Record:
    """Create a model with one container, or with a pipeline of 2 to 15."""
    containers = containers_of(request)
    if "PrimaryContainer" in request and "Containers" in request:
        raise ValidationError("Specify either PrimaryContainer or Containers, not both.")
    if not containers:
        raise ValidationError("At least one container is required: PrimaryContainer or Containers.")
    for container in containers:
        _check_container(region, container)
    _check_variables(expand_packages(region, containers))
    if "ExecutionRoleArn" in request:
        region.check_role(request["ExecutionRoleArn"])
    return _MODELS.create(region, request)


def _check_container(region: Region, container: Record) -> None:
    if "ModelPackageName" in container:
        check_members(container, CONTAINER_OF_A_PACKAGE, "a container of a model package")
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
            check_members(packaged, PACKAGED_CONTAINER, "a model package's container")
        return
    if "Image" not in container:
        raise ValidationError("A container must have an Image or a ModelPackageName.")
    serve_program(find_image(container["Image"]))
    if "ModelDataUrl" in container:
        objects.check_object(region.client("s3"), container["ModelDataUrl"])


def _check_variables(containers: list[Record]) -> None:
    variables = [
        item for container in containers for item in (container.get("Environment") or {}).items()
    ]
    if any(name == "SAGEMAKER_MULTI_MODEL" and value for name, value in variables):
        raise not_reproduced("SAGEMAKER_MULTI_MODEL with a value")
    size = sum(len(text.encode()) for pair in variables for text in pair)
    if size > _MAX_VARIABLE_BYTES:
        raise ValidationError(
            f"The names and values of the environments of all containers have {size} bytes; the "
            f"maximum is {_MAX_VARIABLE_BYTES}."
        )


def _create_endpoint_config(region: Region, request: Record, model: OperationModel) -> Record:
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
        check_processor(variant["InstanceType"], "an endpoint configuration")
        region.models.get(variant["ModelName"])
    return _CONFIGS.create(region, request)


OPERATIONS = {
    "CreateModel": create_model,
    "DescribeModel": _MODELS.describe,
    "ListModels": _MODELS.list_page,
    "DeleteModel": _MODELS.delete,
    "CreateEndpointConfig": _create_endpoint_config,
    "DescribeEndpointConfig": _CONFIGS.describe,
    "ListEndpointConfigs": _CONFIGS.list_page,
    "DeleteEndpointConfig": _CONFIGS.delete,
}
