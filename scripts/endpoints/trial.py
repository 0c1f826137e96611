"""Try a new model: on an endpoint of its own before an update, or on the new endpoint itself.

Both fleets of an update have the same variant name, and AWS does not say which of them answered.
"""

from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.creations import Creations, reversals_of
from scripts.account.log_groups import removal_call, remove_logs, retention_calls
from scripts.endpoints.live import IN_TRANSITION, describe_endpoint, settle, wait_until_gone
from scripts.endpoints.plans import ReleasePlan, trial_calls
from scripts.releases.smoke import Smoke, ask_endpoint


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
