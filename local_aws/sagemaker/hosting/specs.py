"""Read the containers of a model, as requested or as its model package lists them."""

from typing import Any

from local_aws.region import Region


def containers_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the containers of a model in the order a request passes them."""
    if "PrimaryContainer" in record:
        return [record["PrimaryContainer"]]
    return list(record.get("Containers", []))


def package_of(region: Region, container: dict[str, Any]) -> dict[str, Any]:
    """Return the model package that a container names, by ARN or by name."""
    name = container["ModelPackageName"]
    key = name if name.startswith("arn:") else region.arn("model-package", name)
    return region.model_packages.get(key)


def expand_packages(region: Region, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the containers of a model package in the place of the container that names it."""
    expanded: list[dict[str, Any]] = []
    for container in containers:
        if "ModelPackageName" in container:
            package = package_of(region, container)
            expanded += package["InferenceSpecification"]["Containers"]
        else:
            expanded.append(container)
    return expanded
