"""Release a model as an endpoint: a SageMaker inference pipeline, or its one model container.

An endpoint that serves already is moved to the new model and serves until that is healthy.
"""

import argparse
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import endpoint_name, is_release_of, new_stamp
from scripts.account.stacks import foundation
from scripts.endpoints.plans import ReleasePlan, config_call, endpoint_call, model_call
from scripts.endpoints.single_container import containers_of


def release_endpoint(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Make model, config and endpoint, wait for InService, and return their names."""
    plan = ReleasePlan(
        recipe=recipe,
        stamp=new_stamp(),
        package_arn=package["ModelPackageArn"],
        containers=containers_of(recipe, package, arguments.target),
        endpoint_name=arguments.endpoint_name or endpoint_name(recipe.name, arguments.target),
        instance_type=arguments.instance_type,
        instance_count=arguments.instance_count,
        role_arn=foundation(aws, arguments.stack).role_arn,
    )
    before = _endpoint_before(aws, plan.endpoint_name)
    calls = _calls(plan, before)
    if arguments.dry_run:
        return dry_run(calls)
    price = f"{plan.instance_count} x {plan.instance_type}"
    confirm(aws, arguments.yes, f"This starts an endpoint on {price}, paid by the hour")
    release(aws, plan, calls)
    if before is not None:
        _remove_release(aws, recipe.name, before["EndpointConfigName"])
    return {
        "endpoint_name": plan.endpoint_name,
        "endpoint_config_name": plan.name,
        "model_name": plan.name,
        "model_package_arn": package["ModelPackageArn"],
    }


def _endpoint_before(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return the endpoint that serves already; one that is being deleted is waited for."""
    found = describe_endpoint(aws, name)
    if found is not None and found["EndpointStatus"] == "Deleting":
        say(f"Endpoint {name} is being deleted.")
        wait_until_gone(aws, name)
        return None
    return found


def wait_until_gone(aws: Aws, name: str) -> None:
    """Wait until an endpoint that is being deleted is no more."""
    while describe_endpoint(aws, name) is not None:
        aws.pause()


def _calls(plan: ReleasePlan, before: dict[str, Any] | None) -> list[Call]:
    status = before["EndpointStatus"] if before else None
    if status not in (None, "InService"):
        raise DeploymentError(
            f"endpoint {plan.endpoint_name} is {status}. Wait until it is in service, or delete "
            f"it with: python -m scripts.delete --recipe {plan.recipe.name}"
        )
    return [model_call(plan), config_call(plan), endpoint_call(plan, exists=before is not None)]


def release(aws: Aws, plan: ReleasePlan, calls: list[Call]) -> None:
    """Make the calls and wait; on failure remove what was made, then raise DeploymentError."""
    attempted: list[Call] = []
    try:
        for call in calls:
            # Noted first: a call that was interrupted may have had its effect.
            attempted.append(call)
            aws.make(call)
        _wait(aws, plan)
    except BaseException:
        _undo(aws, plan, attempted)
        raise


def _undo(aws: Aws, plan: ReleasePlan, attempted: list[Call]) -> None:
    """Delete what creating calls made, newest first; an updated endpoint serves on as it was.

    AWS deletes no endpoint that is on its way, so one that was interrupted is waited for.
    """
    endpoint = _settle(aws, plan.endpoint_name)
    updated = attempted[-1].operation == "update_endpoint"
    if updated and endpoint is not None and _serves(endpoint, plan):
        say(f"Endpoint {plan.endpoint_name} serves the new model already, so that stays.")
        return
    say("The release did not succeed; what it made is removed.")
    for call in reversed(attempted):
        if call.operation.startswith("create_"):
            kind = call.operation.removeprefix("create_")
            name = {"model": "ModelName", "endpoint_config": "EndpointConfigName"}.get(
                kind, "EndpointName"
            )
            aws.remove(Call("sagemaker", f"delete_{kind}", {name: call.parameters[name]}))
            if kind == "endpoint":
                wait_until_gone(aws, plan.endpoint_name)


def _wait(aws: Aws, plan: ReleasePlan) -> None:
    found = _settle(aws, plan.endpoint_name)
    if found is None:
        raise DeploymentError(f"endpoint {plan.endpoint_name} was deleted while it started")
    if not _serves(found, plan):
        reason = found.get("FailureReason", "no reason was given")
        raise DeploymentError(f"endpoint {plan.endpoint_name} could not be started: {reason}")


def _serves(endpoint: dict[str, Any], plan: ReleasePlan) -> bool:
    in_service: bool = endpoint["EndpointStatus"] == "InService"
    return in_service and endpoint["EndpointConfigName"] == plan.name


def _settle(aws: Aws, name: str) -> dict[str, Any] | None:
    """Wait until an endpoint is no longer on its way, and return it, or None if there is none."""
    status = ""
    while (found := describe_endpoint(aws, name)) is not None:
        if found["EndpointStatus"] != status:
            status = found["EndpointStatus"]
            say(f"Endpoint {name}: {status}")
        if status not in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
            break
        aws.pause()
    return found


def describe_endpoint(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return an endpoint, or None if there is none of that name."""
    client = aws.client("sagemaker")
    try:
        found: dict[str, Any] = client.describe_endpoint(EndpointName=name)
    except client.exceptions.ClientError as error:
        if "Could not find" not in error.response["Error"]["Message"]:
            raise
        return None
    return found


def _remove_release(aws: Aws, recipe: str, config_name: str) -> None:
    """Remove the config and model that the endpoint served before, if the scripts made them."""
    if is_release_of(recipe, config_name):
        aws.remove(Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": config_name}))
        aws.remove(Call("sagemaker", "delete_model", {"ModelName": config_name}))
