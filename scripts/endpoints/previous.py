"""The previous release of an endpoint, which stays so that `rollback` can return to it."""

from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.naming import is_release_of
from scripts.account.ownership import is_own, sagemaker_tags
from scripts.endpoints.live import describe_config, settle
from scripts.endpoints.plans import PREVIOUS_TAG, loaded_object


def keep_previous(aws: Aws, scope: str, replaced: dict[str, Any], stack: str, bucket: str) -> None:
    """Record the release that an endpoint served, and remove the one before it.

    `replaced` is the description of the endpoint before the update.
    """
    earlier = _previous(aws, replaced)
    _record(aws, replaced)
    if earlier not in ("", replaced["EndpointConfigName"]):
        _remove(aws, scope, earlier, stack, bucket)


def previous_config(aws: Aws, endpoint: dict[str, Any]) -> dict[str, Any]:
    """Return the config that an endpoint served before; raise DeploymentError if there is none."""
    name = _previous(aws, endpoint)
    config = describe_config(aws, name) if name else None
    if config is None:
        what = f"its config {name} was deleted" if name else "it has had one release only"
        raise DeploymentError(
            f"endpoint {endpoint['EndpointName']} has no previous release: {what}. Deploy another "
            "package with: python -m scripts.deploy --package ARN"
        )
    return config


def rollback_call(endpoint: dict[str, Any], config: dict[str, Any]) -> Call:
    """Return the call that returns an endpoint to a config, with its current instance count."""
    parameters = {
        "EndpointName": endpoint["EndpointName"],
        "EndpointConfigName": config["EndpointConfigName"],
        "RetainAllVariantProperties": True,
    }
    return Call("sagemaker", "update_endpoint", parameters)


def roll_back(aws: Aws, endpoint: dict[str, Any], call: Call) -> None:
    """Make the call and wait; the release that it replaces becomes the previous one."""
    name, wanted = endpoint["EndpointName"], call.parameters["EndpointConfigName"]
    aws.make(call)
    state = settle(aws, name) or {"EndpointStatus": "gone", "EndpointConfigName": ""}
    if (state["EndpointStatus"], state["EndpointConfigName"]) != ("InService", wanted):
        reason = state.get("FailureReason") or "AWS gave no reason"
        raise DeploymentError(
            f"endpoint {name} could not return to {wanted} ({state['EndpointStatus']}): {reason}"
        )
    _record(aws, endpoint)


def _previous(aws: Aws, endpoint: dict[str, Any]) -> str:
    return (sagemaker_tags(aws, endpoint["EndpointArn"]) or {}).get(PREVIOUS_TAG, "")


def _record(aws: Aws, replaced: dict[str, Any]) -> None:
    tag = {"Key": PREVIOUS_TAG, "Value": replaced["EndpointConfigName"]}
    parameters = {"ResourceArn": replaced["EndpointArn"], "Tags": [tag]}
    aws.make(Call("sagemaker", "add_tags", parameters))


def _remove(aws: Aws, scope: str, name: str, stack: str, bucket: str) -> None:
    """Remove a config, its model and the model's archive, if `deploy` created them."""
    config = describe_config(aws, name)
    if config is None or not is_release_of(scope, name):
        return
    if is_own(aws, f"endpoint config {name}", config["EndpointConfigArn"], stack):
        aws.remove(Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": name}))
        aws.remove(Call("sagemaker", "delete_model", {"ModelName": name}))
        aws.make(Call("s3", "delete_object", loaded_object(bucket, scope, name)))
