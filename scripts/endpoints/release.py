"""Release a model as an endpoint: an inference pipeline, or its TensorFlow container alone.

An existing endpoint is updated, and serves the old model until the new one is healthy.
"""

import argparse
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import PIPELINE, SINGLE, endpoint_name, is_release_of, new_stamp
from scripts.account.stacks import foundation
from scripts.endpoints.plans import ReleasePlan, config_call, endpoint_call, model_call

_NAMES = {"model": "ModelName", "endpoint_config": "EndpointConfigName", "endpoint": "EndpointName"}


def check_single(recipe: Recipe) -> None:
    """Raise DeploymentError unless the TensorFlow container alone can serve the recipe's model."""
    if recipe.takes_strings:
        return
    if len(recipe.stages) == 1:
        reason = f"its endpoint already has a single container; use --target {PIPELINE}"
    elif recipe.framework == "tensorflow":
        reason = (
            "its model does not accept raw strings, so it needs the container that encodes them"
        )
    else:
        reason = "it has no TensorFlow container"
    others = ", ".join(other.name for other in RECIPES.values() if other.takes_strings)
    raise DeploymentError(
        f"recipe {recipe.name} does not support --target {SINGLE}: {reason} (recipes that do: "
        f"{others})"
    )


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


def release_endpoint(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Create model, config and endpoint, wait for InService, and return their names."""
    plan = ReleasePlan(
        recipe=recipe,
        stamp=new_stamp(),
        package_arn=package["ModelPackageArn"],
        containers=select_containers(recipe, package, arguments.target),
        endpoint_name=arguments.endpoint_name or endpoint_name(recipe.name, arguments.target),
        instance_type=arguments.instance_type,
        instance_count=arguments.instance_count,
        role_arn=foundation(aws, arguments.stack).role_arn,
    )
    previous = _previous_endpoint(aws, plan.endpoint_name)
    calls = _calls(plan, previous)
    if arguments.dry_run:
        return dry_run(calls)
    instances = f"{plan.instance_count} x {plan.instance_type}"
    confirm(aws, arguments.yes, f"This starts an endpoint on {instances}, billed by the hour")
    release(aws, plan, calls)
    if previous is not None:
        _remove_release(aws, recipe.name, previous["EndpointConfigName"])
    return {
        "endpoint_name": plan.endpoint_name,
        "endpoint_config_name": plan.name,
        "model_name": plan.name,
        "model_package_arn": package["ModelPackageArn"],
    }


def _previous_endpoint(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return the existing endpoint, or None after the deletion of one that is being deleted."""
    endpoint = describe_endpoint(aws, name)
    if endpoint is not None and endpoint["EndpointStatus"] == "Deleting":
        say(f"Endpoint {name} is being deleted.")
        wait_until_gone(aws, name)
        return None
    return endpoint


def wait_until_gone(aws: Aws, name: str) -> None:
    """Wait until an endpoint that is being deleted no longer exists."""
    while describe_endpoint(aws, name) is not None:
        aws.pause()


def _calls(plan: ReleasePlan, previous: dict[str, Any] | None) -> list[Call]:
    status = previous["EndpointStatus"] if previous else None
    if status not in (None, "InService"):
        raise DeploymentError(
            f"endpoint {plan.endpoint_name} is {status}. Wait until it is in service, or delete "
            f"it with: python -m scripts.delete --recipe {plan.recipe.name}"
        )
    return [model_call(plan), config_call(plan), endpoint_call(plan, exists=previous is not None)]


def release(aws: Aws, plan: ReleasePlan, calls: list[Call]) -> None:
    """Make the calls and wait; on failure remove what they created, and raise DeploymentError."""
    attempted: list[Call] = []
    try:
        for call in calls:
            # Recorded first, since an interrupted call may have had its effect.
            attempted.append(call)
            aws.make(call)
        _wait(aws, plan)
    except BaseException:
        _undo(aws, plan, attempted)
        raise


def _undo(aws: Aws, plan: ReleasePlan, attempted: list[Call]) -> None:
    """Delete what creating calls made, newest first; an updated endpoint serves its old model.

    AWS does not delete an endpoint in transition, so wait for it first.
    """
    endpoint = _settle(aws, plan.endpoint_name)
    updated = attempted[-1].operation == "update_endpoint"
    if updated and endpoint is not None and _serves(endpoint, plan):
        say(f"Endpoint {plan.endpoint_name} already serves the new model, which is kept.")
        return
    say("The release failed; removing what it created.")
    for call in reversed(attempted):
        kind = call.operation.removeprefix("create_")
        if kind in _NAMES:
            name = _NAMES[kind]
            aws.remove(Call("sagemaker", f"delete_{kind}", {name: call.parameters[name]}))
        if kind == "endpoint":
            wait_until_gone(aws, plan.endpoint_name)


def _wait(aws: Aws, plan: ReleasePlan) -> None:
    endpoint = _settle(aws, plan.endpoint_name)
    if endpoint is None:
        raise DeploymentError(f"endpoint {plan.endpoint_name} was deleted while it started")
    if not _serves(endpoint, plan):
        reason = endpoint.get("FailureReason", "AWS gave no reason")
        raise DeploymentError(f"endpoint {plan.endpoint_name} could not be started: {reason}")


def _serves(endpoint: dict[str, Any], plan: ReleasePlan) -> bool:
    in_service: bool = endpoint["EndpointStatus"] == "InService"
    return in_service and endpoint["EndpointConfigName"] == plan.name


def _settle(aws: Aws, name: str) -> dict[str, Any] | None:
    """Wait until an endpoint is no longer in transition; return it, or None if it is gone."""
    status = ""
    while (endpoint := describe_endpoint(aws, name)) is not None:
        if endpoint["EndpointStatus"] != status:
            status = endpoint["EndpointStatus"]
            say(f"Endpoint {name}: {status}")
        if status not in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
            break
        aws.pause()
    return endpoint


def describe_endpoint(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return an endpoint, or None if it does not exist."""
    call = Call("sagemaker", "describe_endpoint", {"EndpointName": name})
    endpoint: dict[str, Any] | None = aws.make(call, "Could not find")
    return endpoint


def _remove_release(aws: Aws, recipe: str, config_name: str) -> None:
    """Remove the previous config and model of the endpoint, if `deploy` created them."""
    if is_release_of(recipe, config_name):
        aws.remove(Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": config_name}))
        aws.remove(Call("sagemaker", "delete_model", {"ModelName": config_name}))
