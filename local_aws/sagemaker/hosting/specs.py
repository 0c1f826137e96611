"""The container specifications of a model: its own, or those of its model package."""

from typing import Any

from local_aws.sagemaker.region import Region


def containers_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the containers of a model in the order in which requests pass through them."""
    if "PrimaryContainer" in record:
        return [record["PrimaryContainer"]]
    return list(record.get("Containers", []))


def package_arn(region: Region, name: str) -> str:
    """Return the ARN of a model package, given its name or its ARN."""
    return name if name.startswith("arn:") else region.arn("model-package", name)


def package_of(region: Region, container: dict[str, Any]) -> dict[str, Any]:
    """Return the model package that a container names."""
    return region.model_packages.get(package_arn(region, container["ModelPackageName"]))


def expand_packages(region: Region, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replace each container that names a model package with the containers of the package."""
    expanded: list[dict[str, Any]] = []
    for container in containers:
        if "ModelPackageName" in container:
            package = package_of(region, container)
            expanded += package["InferenceSpecification"]["Containers"]
        else:
            expanded.append(container)
    return expanded
