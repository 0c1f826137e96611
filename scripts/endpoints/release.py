"""Release a model as an endpoint: an inference pipeline, or its TensorFlow container alone.

An existing endpoint is updated, and serves the old model until the new one is healthy.
"""

import argparse
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.creations import Creations
from scripts.account.model_archives import approved_archive
from scripts.account.naming import (
    PIPELINE,
    SINGLE,
    endpoint_name,
    is_release_of,
    name_in_stack,
    new_stamp,
)
from scripts.account.ownership import is_own
from scripts.account.stacks import foundation
from scripts.endpoints.containers import containers_for
from scripts.endpoints.live import (
    announce_kept,
    check_endpoint,
    describe_endpoint,
    instances_of,
    read_live,
)
from scripts.endpoints.plans import (
    Live,
    ReleasePlan,
    archive_call,
    config_call,
    endpoint_call,
    loaded_object,
    model_call,
)
from scripts.functions.endpoint_api import plan_api, release_api


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


def release_endpoint(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Create model, config and endpoint, wait for InService, and return their names."""
    stack = arguments.stack
    default_name = endpoint_name(name_in_stack(stack, recipe.scope), arguments.target)
    name = arguments.endpoint_name or default_name
    previous = _previous_endpoint(aws, name)
    if previous is not None:
        check_endpoint(aws, previous, stack)
    live = read_live(aws, previous, arguments) if previous else None
    instance_type, instance_count = instances_of(arguments, previous, live)
    base = foundation(aws, stack)
    plan = ReleasePlan(
        recipe=recipe,
        stamp=new_stamp(),
        package_arn=package["ModelPackageArn"],
        archive=approved_archive(aws, stack, recipe, package),
        containers=containers_for(aws, recipe, package, arguments.target, instance_type),
        endpoint_name=name,
        instance_type=instance_type,
        instance_count=instance_count,
        bucket=base.bucket,
        role_arn=base.role_arn,
        stack=stack,
        live=live,
    )
    kept = announce_kept(arguments, instance_type, instance_count) if live else {}
    api = plan_api(aws, recipe, name, plan.archive.sha256, arguments)
    calls = release_calls(plan)
    if arguments.dry_run:
        kept |= api.plan.kept if api else {}
        planned = dry_run([*calls, *(api.calls(aws) if api else [])])
        return planned | ({"kept": kept} if kept else {})
    instances = f"{instance_count} x {instance_type}" if instance_type else "serverless capacity"
    also = f", and deploys the stack {api.plan.stack} (a function, an HTTP API)" if api else ""
    confirm(aws, arguments.yes, f"This starts an endpoint on {instances}, billed by the hour{also}")
    release(aws, plan, calls)
    if live is not None:
        _remove_release(aws, plan, live)
    names = {
        "endpoint_name": plan.endpoint_name,
        "endpoint_config_name": plan.name,
        "model_name": plan.name,
        "model_package_arn": package["ModelPackageArn"],
    }
    return names | (release_api(aws, api) if api else {})


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


def release_calls(plan: ReleasePlan) -> list[Call]:
    """Return the calls of a release in order."""
    return [archive_call(plan), model_call(plan), config_call(plan), endpoint_call(plan)]


def release(aws: Aws, plan: ReleasePlan, calls: list[Call]) -> None:
    """Make the calls and wait; on failure remove what they created, and raise DeploymentError."""
    creations = Creations(aws)
    try:
        for call in calls:
            creations.make(call)
        _wait(aws, plan)
    except aws.client("sagemaker").exceptions.ClientError as error:
        _undo(aws, plan, creations)
        if "already existing endpoint " not in str(error):
            raise
        raise DeploymentError(
            f"someone else created endpoint {plan.endpoint_name} in the meantime, so it is kept; "
            "deploy again to update it"
        ) from error
    except BaseException:
        _undo(aws, plan, creations)
        raise


def _undo(aws: Aws, plan: ReleasePlan, creations: Creations) -> None:
    """Delete what the calls created, newest first; an updated endpoint serves its old model.

    AWS does not delete an endpoint in transition, so wait for it first.
    """
    endpoint = _settle(aws, plan.endpoint_name) if creations.include(endpoint_call(plan)) else None
    # A failed rollback leaves some instances with the new model.
    mixed = endpoint is not None and endpoint["EndpointStatus"] == "UpdateRollbackFailed"
    if plan.live and endpoint is not None and (mixed or _serves(endpoint, plan)):
        say(f"Endpoint {plan.endpoint_name} already serves the new model, which is kept.")
        return
    say("The release did not complete; removing what it created.")
    for call in creations.reversals():
        if call.operation != "delete_endpoint":
            aws.remove(call)
        # The response may have been lost, and the endpoint be someone else's of the same name.
        elif endpoint is not None and endpoint["EndpointConfigName"] == plan.name:
            aws.remove(call)
            wait_until_gone(aws, plan.endpoint_name)


def _wait(aws: Aws, plan: ReleasePlan) -> None:
    endpoint = _settle(aws, plan.endpoint_name)
    if endpoint is None:
        raise DeploymentError(f"endpoint {plan.endpoint_name} was deleted while it started")
    configs = [plan.name, plan.live.config["EndpointConfigName"] if plan.live else plan.name]
    if endpoint["EndpointConfigName"] not in configs:
        raise DeploymentError(
            f"someone else released {endpoint['EndpointConfigName']} to endpoint "
            f"{plan.endpoint_name} in the meantime, so it is kept; deploy again to replace it"
        )
    if not _serves(endpoint, plan):
        reason = endpoint.get("FailureReason", "AWS gave no reason")
        raise DeploymentError(f"endpoint {plan.endpoint_name} could not be started: {reason}")


def _serves(endpoint: dict[str, Any], plan: ReleasePlan) -> bool:
    in_service: bool = endpoint["EndpointStatus"] == "InService"
    return in_service and endpoint["EndpointConfigName"] == plan.name


def _settle(aws: Aws, name: str) -> dict[str, Any] | None:
    """Wait until an endpoint is no longer in transition; return it, or None if it is gone."""
    for state in aws.watch(
        f"Endpoint {name}", lambda: describe_endpoint(aws, name), "EndpointStatus"
    ):
        if state["EndpointStatus"] not in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
            return state
    return None


def _remove_release(aws: Aws, plan: ReleasePlan, live: Live) -> None:
    """Remove the previous config and model of the endpoint, if `deploy` created them."""
    name, arn = live.config["EndpointConfigName"], live.config["EndpointConfigArn"]
    if is_release_of(plan.scope, name) and is_own(aws, f"endpoint config {name}", arn, plan.stack):
        aws.remove(Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": name}))
        aws.remove(Call("sagemaker", "delete_model", {"ModelName": name}))
        aws.make(Call("s3", "delete_object", loaded_object(plan.bucket, plan.scope, name)))
