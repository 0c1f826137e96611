"""Release a model as an endpoint: an inference pipeline, or its TensorFlow container alone."""

import argparse
from datetime import UTC, datetime
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.creations import Creations, reversals_of
from scripts.account.log_groups import removal_call, remove_logs, retention_calls
from scripts.account.naming import PIPELINE, SINGLE
from scripts.endpoints.guard import fired_alarms, undoing
from scripts.endpoints.live import (
    IN_TRANSITION,
    describe_endpoint,
    earlier_calls,
    record_call,
    remove_earlier,
    settle,
    wait_until_gone,
)
from scripts.endpoints.planning import log_calls, plan_endpoint
from scripts.endpoints.plans import (
    Live,
    ReleasePlan,
    archive_call,
    config_call,
    endpoint_call,
    model_call,
    trial_calls,
)
from scripts.functions.deployment import plan_api, release_api
from scripts.releases.smoke import Smoke, ask_endpoint


def check_single(recipe: Recipe) -> None:
    """Raise DeploymentError unless the TensorFlow container alone can serve the recipe's model."""
    if recipe.takes_strings:
        return
    reason = "it has no TensorFlow container"
    if len(recipe.stages) == 1:
        reason = f"its endpoint already has a single container; use --target {PIPELINE}"
    elif recipe.framework == "tensorflow":
        reason = (
            "its model does not accept raw strings, so it needs the container that encodes them"
        )
    others = ", ".join(other.name for other in RECIPES.values() if other.takes_strings)
    raise DeploymentError(
        f"recipe {recipe.name} does not support --target {SINGLE}: {reason} (recipes that do: "
        f"{others})"
    )


def release_endpoint(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Create model, config and endpoint, wait for InService, and return their names."""
    plan, smoke, kept = plan_endpoint(aws, recipe, package, arguments)
    api = plan_api(aws, recipe, plan.endpoint_name, plan.archive.sha256, arguments)
    if arguments.dry_run:
        kept |= api.plan.kept if api else {}
        calls = dry_run([*release_calls(aws, plan), *(api.calls(aws) if api else [])])
        return calls | ({"kept": kept} if kept else {})
    instances = f"{plan.instance_count} x {plan.instance_type}"
    also = f", and deploys the stack {api.plan.stack} (a function, an HTTP API)" if api else ""
    confirm(aws, arguments.yes, f"This starts an endpoint on {instances}, billed by the hour{also}")
    release(aws, plan, smoke)
    names = {
        "endpoint_name": plan.endpoint_name,
        "endpoint_config_name": plan.name,
        "model_name": plan.name,
        "model_package_arn": package["ModelPackageArn"],
    }
    return names | (release_api(aws, api) if api else {})


def release_calls(aws: Aws, plan: ReleasePlan) -> list[Call]:
    """Return the calls of a release in order, with those of its trial."""
    before = [archive_call(plan), model_call(plan)]
    before += planned_trial(plan) if plan.trial_stamp else []
    after: list[Call] = []
    if plan.live:
        record, earlier = _record(aws, plan, plan.live)
        before, after = [*before, record], earlier_calls(aws, plan, earlier)
    return [*before, *log_calls(aws, plan), config_call(plan), endpoint_call(plan), *after]


def _record(aws: Aws, plan: ReleasePlan, live: Live) -> tuple[Call, str]:
    return record_call(aws, plan.endpoint_name, live.config["EndpointConfigName"])


def release(aws: Aws, plan: ReleasePlan, smoke: Smoke) -> None:
    """Make the calls and wait; on failure remove what they created, and raise DeploymentError."""
    creations, earlier = Creations(aws), ""
    try:
        for call in (archive_call(plan), model_call(plan)):
            creations.make(call)
        if plan.trial_stamp:
            try_out(aws, plan, smoke)
        if plan.live:
            record, earlier = _record(aws, plan, plan.live)
            aws.make(record)
        for call in log_calls(aws, plan):
            aws.make(call, "AlreadyExists")  # another release may be faster
        start = datetime.now(UTC)
        for call in (config_call(plan), endpoint_call(plan)):
            creations.make(call)
        _wait(aws, plan, start)
        if plan.live is None:
            ask_endpoint(aws, plan.endpoint_name, smoke)
        remove_earlier(aws, plan, earlier)
    except aws.client("sagemaker").exceptions.ClientError as error:
        _clean_up(aws, plan, creations, earlier)
        if "already existing endpoint " not in str(error):
            raise
        raise DeploymentError(
            f"someone else created endpoint {plan.endpoint_name} in the meantime, so it is kept; "
            "deploy again to update it"
        ) from error
    except BaseException:
        _clean_up(aws, plan, creations, earlier)
        raise


def _clean_up(aws: Aws, plan: ReleasePlan, creations: Creations, earlier: str) -> None:
    """Undo a release; if that fails, only say what is left: the caller raises why it failed."""
    try:
        _undo(aws, plan, creations, earlier)
    except Exception as error:
        in_trial = plan.trial_stamp and not creations.include(config_call(plan))
        creations.say_left(error, *([f"endpoint {plan.trial_name}"] if in_trial else []))


def _undo(aws: Aws, plan: ReleasePlan, creations: Creations, earlier: str) -> None:
    """Delete what the calls created, newest first; an updated endpoint serves its old model.

    If it serves the new one already, delete only the `earlier` release.
    AWS does not delete an endpoint in transition, so wait for it first.
    """
    endpoint = None
    if creations.include(endpoint_call(plan)):
        say(undoing(aws, plan.endpoint_name, plan.live))
        endpoint = settle(aws, plan.endpoint_name)
    # A failed rollback leaves some instances with the new model.
    mixed = endpoint is not None and endpoint["EndpointStatus"] == "UpdateRollbackFailed"
    if plan.live and endpoint is not None and (mixed or _serves(endpoint, plan)):
        say(f"Endpoint {plan.endpoint_name} already serves the new model, which is kept.")
        if not mixed:
            remove_earlier(aws, plan, earlier)
        return
    say("The release did not complete; removing what it created.")
    for call in creations.reversals():
        if call.operation != "delete_endpoint":
            aws.remove(call)
        # The response may have been lost, and the endpoint be someone else's of the same name.
        elif endpoint is not None and endpoint["EndpointConfigName"] == plan.name:
            aws.remove(call)
            wait_until_gone(aws, plan.endpoint_name)


def _wait(aws: Aws, plan: ReleasePlan, start: datetime) -> None:
    endpoint = settle(aws, plan.endpoint_name)
    if endpoint is None:
        raise DeploymentError(f"endpoint {plan.endpoint_name} was deleted while it started")
    configs = [plan.name, plan.live.config["EndpointConfigName"] if plan.live else plan.name]
    if endpoint["EndpointConfigName"] not in configs:
        raise DeploymentError(
            f"someone else released {endpoint['EndpointConfigName']} to endpoint "
            f"{plan.endpoint_name} in the meantime, so it is kept; deploy again to replace it"
        )
    if _serves(endpoint, plan):
        return
    if plan.live and (fired := fired_alarms(aws, plan.live, endpoint, start)):
        raise DeploymentError(
            f"the alarm {', '.join(fired)} went off, so endpoint {plan.endpoint_name} has "
            f"returned to its previous release, {endpoint['EndpointConfigName']}"
        )
    raise not_started(plan.endpoint_name, endpoint)


def _serves(endpoint: dict[str, Any], plan: ReleasePlan) -> bool:
    in_service: bool = endpoint["EndpointStatus"] == "InService"
    return in_service and endpoint["EndpointConfigName"] == plan.name


def planned_trial(plan: ReleasePlan) -> list[Call]:
    """Return the calls that create the trial endpoint of a plan, and those that delete it."""
    calls = trial_calls(plan)
    return [*calls, *reversals_of(calls), removal_call(plan.trial_name)]


def try_out(aws: Aws, plan: ReleasePlan, smoke: Smoke) -> None:
    """Ask the model on a trial endpoint, and delete that; raise DeploymentError if it fails."""
    say(f"Trying the model on the endpoint {plan.trial_name}.")
    creations = Creations(aws)
    try:
        try:
            for call in trial_calls(plan):
                creations.make(call)
            trial = settle(aws, plan.trial_name)
            if trial is None or trial["EndpointStatus"] != "InService":
                raise not_started(plan.trial_name, trial or {})
            ask_endpoint(aws, plan.trial_name, smoke)
        finally:
            say(f"Removing the trial endpoint {plan.trial_name}.")
            _remove(aws, plan, creations)
    except BaseException as error:
        _remove(aws, plan, creations)  # the rest of a removal that Ctrl-C interrupted
        if not isinstance(error, DeploymentError):
            remove_logs(aws, plan.trial_name)
            raise
        # The logs of a model that fails stay, because they say why.
        for call in retention_calls(aws, plan.trial_name, plan.log_days, plan.tags):
            aws.make(call, "AlreadyExists")
        raise
    remove_logs(aws, plan.trial_name)


def _remove(aws: Aws, plan: ReleasePlan, creations: Creations) -> None:
    trial = describe_endpoint(aws, plan.trial_name)
    if trial is not None and trial["EndpointStatus"] in IN_TRANSITION:
        trial = settle(aws, plan.trial_name)  # AWS deletes no endpoint in transition
    is_deleted = trial is None or trial["EndpointStatus"] == "Deleting"
    for call in creations.reversals():
        if call.operation != "delete_endpoint" or not is_deleted:
            aws.remove(call)
    wait_until_gone(aws, plan.trial_name)


def not_started(name: str, endpoint: dict[str, Any]) -> DeploymentError:
    """Return the error of an endpoint that is not in service."""
    reason = endpoint.get("FailureReason") or "AWS gave no reason"
    return DeploymentError(f"endpoint {name} could not be started: {reason}")
