"""Models and endpoint configurations: what an endpoint is made from."""

from typing import Any

from botocore.model import OperationModel

from infra.local_aws.cloud import check_role
from infra.local_aws.errors import ValidationError, not_reproduced
from infra.local_aws.hosting.specs import containers_of, package_of
from infra.local_aws.images import find_image
from infra.local_aws.listing import list_page, project
from infra.local_aws.records import now
from infra.local_aws.region import Region

_REFUSED_VARIANT = ("ServerlessConfig", "AcceleratorType", "ManagedInstanceScaling")
_REFUSED_CONFIG = ("AsyncInferenceConfig", "DataCaptureConfig", "ExplainerConfig")


def create_model(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Record a model of one container or of 2 to 15 in a row."""
    containers = containers_of(request)
    if "PrimaryContainer" in request and "Containers" in request:
        raise ValidationError("Give either PrimaryContainer or Containers, not both.")
    if not containers:
        raise ValidationError("At least one container is needed: PrimaryContainer or Containers.")
    if request.get("InferenceExecutionConfig", {}).get("Mode", "Serial") != "Serial":
        raise not_reproduced("the inference execution mode Direct")
    for container in containers:
        _check_container(region, container)
    if "ExecutionRoleArn" in request:
        check_role(region.settings, region.name, request["ExecutionRoleArn"])
    return _create(region, request, "ModelName", "model", "ModelArn")


def _check_container(region: Region, container: dict[str, Any]) -> None:
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise not_reproduced("a multi-model container")
    if "ModelPackageName" in container:
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
        return
    if "Image" not in container:
        raise ValidationError("A container needs an Image or a ModelPackageName.")
    find_image(container["Image"])
    if "ModelDataSource" in container:
        raise not_reproduced("ModelDataSource (use ModelDataUrl)")


def create_endpoint_config(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record an endpoint configuration."""
    for name in _REFUSED_CONFIG:
        if name in request:
            raise not_reproduced(f"{name} of CreateEndpointConfig")
    if request.get("ShadowProductionVariants"):
        raise not_reproduced("shadow variants")
    names = [variant["VariantName"] for variant in request["ProductionVariants"]]
    if len(set(names)) != len(names):
        raise ValidationError(f"The names of the production variants are not unique: {names}.")
    for variant in request["ProductionVariants"]:
        for refused in _REFUSED_VARIANT:
            if refused in variant:
                raise not_reproduced(f"{refused} of a production variant")
        if "ModelName" not in variant:
            raise not_reproduced("a production variant without a ModelName")
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


def describe_model(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer a model."""
    return project(region.models.get(request["ModelName"]), model.output_shape)


def list_models(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Answer one page of model summaries."""
    return list_page(request, region.models, model.output_shape, "ModelName")


def delete_model(region: Region, request: dict[str, Any], model: OperationModel) -> dict[str, Any]:
    """Delete a model; endpoints that serve it go on."""
    region.models.remove(request["ModelName"])
    return {}


def describe_endpoint_config(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer an endpoint configuration."""
    return project(region.endpoint_configs.get(request["EndpointConfigName"]), model.output_shape)


def list_endpoint_configs(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer one page of endpoint configuration summaries."""
    return list_page(request, region.endpoint_configs, model.output_shape, "EndpointConfigName")


def delete_endpoint_config(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Delete an endpoint configuration; the endpoint made from it goes on."""
    region.endpoint_configs.remove(request["EndpointConfigName"])
    return {}


OPERATIONS = {
    "CreateModel": create_model,
    "DescribeModel": describe_model,
    "ListModels": list_models,
    "DeleteModel": delete_model,
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": describe_endpoint_config,
    "ListEndpointConfigs": list_endpoint_configs,
    "DeleteEndpointConfig": delete_endpoint_config,
}
