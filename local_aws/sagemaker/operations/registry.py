"""The model registry: model package groups and model packages."""

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record, now
from local_aws.sagemaker.hosting.specs import package_arn
from local_aws.sagemaker.operations.resources import Resource, list_page
from local_aws.sagemaker.region import Region

_PROPERTIES, _ADDITIONAL = "CustomerMetadataProperties", "AdditionalInferenceSpecifications"


def _group_name(region: Region, name: str) -> str:
    """Return the name of a group, given its name or its ARN, in which it is in lower case."""
    groups = region.model_package_groups if name.startswith("arn:") else ()
    names = (
        each["ModelPackageGroupName"] for each in groups if each["ModelPackageGroupArn"] == name
    )
    return next(names, name.rsplit("/", 1)[-1])


_GROUPS = Resource(
    "model-package-group",
    "ModelPackageGroupName",
    lambda region: region.model_package_groups,
    _group_name,
)
_PACKAGES = Resource(
    "model-package", "ModelPackageName", lambda region: region.model_packages, package_arn
)


def _create_model_package_group(region: Region, request: Record, model: OperationModel) -> Record:
    return _GROUPS.create(region, request, ModelPackageGroupStatus="Completed")


def _delete_model_package_group(region: Region, request: Record, model: OperationModel) -> Record:
    with region.lock:
        name = _GROUPS.get(region, request)["ModelPackageGroupName"]
        if any(record.get("ModelPackageGroupName") == name for record in region.model_packages):
            raise ValidationError(
                f'Model Package Group "{region.arn("model-package-group", name)}" cannot be '
                "deleted as it still contains Model Packages."
            )
        return _GROUPS.delete(region, request, model)


def create_model_package(region: Region, request: Record, model: OperationModel) -> Record:
    """Create the next version in a group, or a package without a group."""
    if "ModelPackageGroupName" in request and request.get("Tags"):
        raise ValidationError(
            "A model package in a group has the tags of the group. Leave out Tags, or use "
            "CustomerMetadataProperties."
        )
    with region.lock:
        name, version = _next_version(region, request)
        arn = region.arn("model-package", f"{name}/{version}" if version else name)
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


def _next_version(region: Region, request: Record) -> tuple[str, int]:
    if "ModelPackageGroupName" not in request:
        if "ModelPackageName" not in request:
            raise ValidationError("Either ModelPackageName or ModelPackageGroupName is required.")
        return request["ModelPackageName"], 0
    group = _GROUPS.get(region, request)
    version = group.get("_last_version", 0) + 1
    region.model_package_groups.update(group["ModelPackageGroupName"], _last_version=version)
    return group["ModelPackageGroupName"], version


def _list_model_packages(region: Region, request: Record, model: OperationModel) -> Record:
    kind = request.get("ModelPackageType", "Unversioned")
    filters = {name: value for name, value in request.items() if name != "ModelPackageType"}
    if "ModelPackageGroupName" in request:
        group = _GROUPS.get(region, request)["ModelPackageGroupName"]
        kind, filters["ModelPackageGroupName"] = "Versioned", group
    packages = [
        record
        for record in region.model_packages
        if kind == "Both" or ("ModelPackageVersion" in record) == (kind == "Versioned")
    ]
    return list_page(filters, packages, model.output_shape, "ModelPackageName")


def _update_model_package(region: Region, request: Record, model: OperationModel) -> Record:
    """Change members of a package; those with a part to add or to remove keep the other parts."""
    changes = {**request}
    arn = changes.pop("ModelPackageArn")
    removed = changes.pop("CustomerMetadataPropertiesToRemove", [])
    with region.lock:
        package = region.model_packages.get(arn)
        properties = package.get(_PROPERTIES, {}) | changes.get(_PROPERTIES, {})
        kept = {key: value for key, value in properties.items() if key not in removed}
        specifications = package.get(_ADDITIONAL, []) + changes.pop(f"{_ADDITIONAL}ToAdd", [])
        changes |= {_PROPERTIES: kept or None, _ADDITIONAL: specifications or None}
        region.model_packages.update(arn, **changes)
    return {"ModelPackageArn": arn}


OPERATIONS = {
    "CreateModelPackageGroup": _create_model_package_group,
    "DescribeModelPackageGroup": _GROUPS.describe,
    "ListModelPackageGroups": _GROUPS.list_page,
    "DeleteModelPackageGroup": _delete_model_package_group,
    "CreateModelPackage": create_model_package,
    "DescribeModelPackage": _PACKAGES.describe,
    "ListModelPackages": _list_model_packages,
    "UpdateModelPackage": _update_model_package,
    "DeleteModelPackage": _PACKAGES.delete,
}
