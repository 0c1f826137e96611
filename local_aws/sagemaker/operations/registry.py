"""Model package groups and model packages: the model registry."""

from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record, now
from local_aws.region import Region
from local_aws.sagemaker.operations.listing import list_page, project


def create_model_package_group(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record a group."""
    name = request["ModelPackageGroupName"]
    arn = region.arn("model-package-group", name)
    record = {key: value for key, value in request.items() if key != "Tags"} | {
        "ModelPackageGroupArn": arn,
        "ModelPackageGroupStatus": "Completed",
        "CreationTime": now(),
    }
    region.model_package_groups.add(name, record)
    region.set_tags(arn, request.get("Tags"))
    return {"ModelPackageGroupArn": arn}


def describe_model_package_group(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer a group."""
    return project(region.model_package_groups.get(_group(request)), model.output_shape)


def list_model_package_groups(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer one page of group summaries."""
    return list_page(
        request, region.model_package_groups, model.output_shape, "ModelPackageGroupName"
    )


def delete_model_package_group(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Delete an empty group."""
    name = _group(request)
    region.model_package_groups.get(name)
    if any(record.get("ModelPackageGroupName") == name for record in region.model_packages):
        raise ValidationError(
            f'Model Package Group "{region.arn("model-package-group", name)}" cannot be deleted as '
            "it still contains Model Packages."
        )
    record = region.model_package_groups.remove(name)
    region.drop_tags(record["ModelPackageGroupArn"])
    return {}


def create_model_package(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record the next version of a group, or a package that stands alone."""
    with region.lock:
        name, version = _next_version(region, request)
        path = f"{name}/{version}" if version else name
        arn = region.arn("model-package", path)
        record: Record = {key: value for key, value in request.items() if key != "Tags"} | {
            "ModelPackageArn": arn,
            "ModelPackageName": name,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CreationTime": now(),
        }
        if version:
            record["ModelPackageGroupName"] = name
            record["ModelPackageVersion"] = version
            record.setdefault("ModelApprovalStatus", "PendingManualApproval")
        region.model_packages.add(arn, record)
    region.set_tags(arn, request.get("Tags"))
    return {"ModelPackageArn": arn}


def _next_version(region: Region, request: dict[str, Any]) -> tuple[str, int]:
    if "ModelPackageGroupName" not in request:
        if "ModelPackageName" not in request:
            raise ValidationError("Either ModelPackageName or ModelPackageGroupName is needed.")
        return request["ModelPackageName"], 0
    group = _group(request)
    last = region.model_package_groups.get(group).get("_last_version", 0)
    region.model_package_groups.update(group, _last_version=last + 1)
    return group, last + 1


def _group(request: dict[str, Any]) -> str:
    return str(request["ModelPackageGroupName"]).rsplit("/", 1)[-1]


def _package_key(region: Region, name: str) -> str:
    return name if name.startswith("arn:") else region.arn("model-package", name)


def describe_model_package(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer a package by ARN or name."""
    key = _package_key(region, request["ModelPackageName"])
    return project(region.model_packages.get(key), model.output_shape)


def list_model_packages(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer one page of package summaries."""
    if "ModelPackageGroupName" in request:
        request = request | {"ModelPackageGroupName": _group(request)}
        region.model_package_groups.get(request["ModelPackageGroupName"])
    return list_page(request, region.model_packages, model.output_shape, "ModelPackageName")


def update_model_package(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Change a package: approval above all."""
    changes = {key: value for key, value in request.items() if key != "ModelPackageArn"}
    region.model_packages.update(request["ModelPackageArn"], **changes)
    return {"ModelPackageArn": request["ModelPackageArn"]}


def delete_model_package(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Delete a package."""
    record = region.model_packages.remove(_package_key(region, request["ModelPackageName"]))
    region.drop_tags(record["ModelPackageArn"])
    return {}


OPERATIONS = {
    "CreateModelPackageGroup": create_model_package_group,
    "DescribeModelPackageGroup": describe_model_package_group,
    "ListModelPackageGroups": list_model_package_groups,
    "DeleteModelPackageGroup": delete_model_package_group,
    "CreateModelPackage": create_model_package,
    "DescribeModelPackage": describe_model_package,
    "ListModelPackages": list_model_packages,
    "UpdateModelPackage": update_model_package,
    "DeleteModelPackage": delete_model_package,
}
