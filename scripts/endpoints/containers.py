"""Select the containers of a package for a target, and their images for an instance type."""

from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.container_images import GPU, check_instance_type, image_address, processor_of
from scripts.account.naming import SINGLE


def select_containers(recipe: Recipe, package: dict[str, Any], target: str) -> list[dict[str, Any]]:
    """Return the containers of a package that serve the target: all, or TensorFlow Serving's."""
    containers: list[dict[str, Any]] = package["InferenceSpecification"]["Containers"]
    if target != SINGLE:
        return containers
    names = [stage.name for stage in recipe.stages if stage.image == "tensorflow-serving"]
    selection = [one for one in containers if one.get("ContainerHostname") in names]
    if len(selection) != 1:
        raise DeploymentError(
            f"{package['ModelPackageArn']} has no container named {' or '.join(names)}, so it "
            f"cannot be deployed to --target {SINGLE}. Train the model again."
        )
    return selection


def containers_for(
    aws: Aws, recipe: Recipe, package: dict[str, Any], target: str, instance_type: str
) -> list[dict[str, Any]]:
    """Return the containers of a package for a target, with images for the type of the instances.

    Packages name images for CPUs. Raise DeploymentError if no image supports the processor.
    """
    containers = select_containers(recipe, package, target)
    images = {stage.name: stage.image for stage in recipe.stages}
    names = [container.get("ContainerHostname", "") for container in containers]
    check_instance_type(aws, [images[name] for name in names if name in images], instance_type)
    if processor_of(instance_type) != GPU:
        return containers
    fitting = []
    for name, container in zip(names, containers, strict=True):
        image = image_address(aws, images[name], instance_type)
        if image.replace("-gpu-", "-cpu-") != container["Image"]:
            raise DeploymentError(
                f"{package['ModelPackageArn']} was registered with {container['Image']}, whose "
                f"variant for GPUs is unknown; expected one of {image}. Train the model again."
            )
        fitting.append(container | {"Image": image})
    return fitting
