"""Plan the release of a package to an endpoint: its containers, instances, and guard."""

import argparse
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.container_images import GPU, check_instance_type, image_address, processor_of
from scripts.account.log_groups import retention_calls
from scripts.account.model_archives import approved_archive
from scripts.account.naming import SINGLE, new_stamp
from scripts.account.stacks import foundation
from scripts.endpoints.guard import guarded
from scripts.endpoints.live import (
    announce_kept,
    check_endpoint,
    describe_endpoint,
    instances_of,
    read_live,
    selected_endpoint,
    wait_until_gone,
)
from scripts.endpoints.plans import ReleasePlan
from scripts.releases.smoke import Smoke, smoke_of


def plan_endpoint(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> tuple[ReleasePlan, Smoke, dict[str, Any]]:
    """Return the plan of a release, its smoke request, and the instances that it keeps, by flag.

    Raise DeploymentError if the endpoint cannot be updated so.
    """
    stack = arguments.stack
    name = selected_endpoint(recipe, arguments)
    previous = _previous_endpoint(aws, name)
    if previous is not None:
        check_endpoint(aws, previous, stack)
    live = read_live(aws, previous, arguments) if previous else None
    instance_type, instance_count = instances_of(arguments, previous, live)
    live = guarded(aws, recipe, arguments, live, instance_count)
    base = foundation(aws, stack)
    archive = approved_archive(aws, stack, recipe, package)
    smoke = smoke_of(aws, package, recipe, arguments.smoke_seconds)
    plan = ReleasePlan(
        recipe=recipe,
        stamp=new_stamp(),
        package_arn=package["ModelPackageArn"],
        archive=archive,
        containers=containers_for(aws, recipe, package, arguments.target, instance_type),
        endpoint_name=name,
        instance_type=instance_type,
        instance_count=instance_count,
        bucket=base.bucket,
        role_arn=base.role_arn,
        stack=stack,
        live=live,
        trial_stamp=new_stamp() if live and smoke.example else "",
        log_days=arguments.log_days,
    )
    kept = announce_kept(arguments, instance_type, instance_count) if live else {}
    return plan, smoke, kept


def log_calls(aws: Aws, plan: ReleasePlan) -> list[Call]:
    """Return the calls that keep and tag the logs of the endpoint of a plan, as they are now."""
    return retention_calls(aws, plan.endpoint_name, plan.log_days, plan.tags)


def _previous_endpoint(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return the existing endpoint, or None after the deletion of one that is being deleted."""
    endpoint = describe_endpoint(aws, name)
    if endpoint is not None and endpoint["EndpointStatus"] == "Deleting":
        say(f"Endpoint {name} is being deleted.")
        wait_until_gone(aws, name)
        return None
    return endpoint


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
