"""The previous release of an endpoint, which stays so that `rollback` can return to it."""

from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.naming import is_release_of
from scripts.account.ownership import is_own, sagemaker_tags
from scripts.endpoints.live import describe_config, describe_endpoint, settle
from scripts.endpoints.plans import ReleasePlan, loaded_object
from scripts.releases.history import history_tags, previous_of


def record_call(aws: Aws, name: str, live: str) -> tuple[Call, str]:
    """Return the call that records, before an update, what an endpoint serves and served before.

    The second value is the config before the live one, or "". Raise DeploymentError if somebody
    changed the endpoint since the update was planned.
    """
    endpoint = describe_endpoint(aws, name) or {}
    state = (endpoint.get("EndpointConfigName", "nothing"), endpoint.get("EndpointStatus", "gone"))
    if state != (live, "InService"):
        raise DeploymentError(
            f"someone else changed endpoint {name} in the meantime, so it is left as it is: "
            f"expected it to serve {live}, found {state[0]} ({state[1]}). See it with: "
            "python -m scripts status"
        )
    arn = endpoint["EndpointArn"]
    record = history_tags(sagemaker_tags(aws, arn) or {}, live)
    tags = [{"Key": key, "Value": value} for key, value in record.items()]
    call = Call("sagemaker", "add_tags", {"ResourceArn": arn, "Tags": tags})
    return call, previous_of(record, live)


def earlier_calls(aws: Aws, plan: ReleasePlan, name: str) -> list[Call]:
    """Return calls that remove a config, its model and its archive, if `deploy` created them."""
    config = describe_config(aws, name) if name else None
    if config is None or not is_release_of(plan.scope, name):
        return []
    if not is_own(aws, f"endpoint config {name}", config["EndpointConfigArn"], plan.stack):
        return []
    return [
        Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": name}),
        Call("sagemaker", "delete_model", {"ModelName": name}),
        Call("s3", "delete_object", loaded_object(plan.bucket, plan.scope, name)),
    ]


def remove_earlier(aws: Aws, plan: ReleasePlan, name: str) -> None:
    """Remove a config, its model and its archive, if `deploy` created them."""
    for call in earlier_calls(aws, plan, name):
        aws.remove(call)


def previous_config(aws: Aws, endpoint: dict[str, Any], deployed: str) -> dict[str, Any]:
    """Return the config that an endpoint served before; raise DeploymentError if there is none."""
    tags = sagemaker_tags(aws, endpoint["EndpointArn"]) or {}
    name = previous_of(tags, endpoint["EndpointConfigName"])
    config = describe_config(aws, name) if name else None
    if config is None:
        what = f"its config {name} was deleted" if name else "it has had one release only"
        raise DeploymentError(
            f"endpoint {endpoint['EndpointName']} has no previous release: {what}. Deploy another "
            f"package with: python -m scripts.deploy {deployed} --package ARN"
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
    record, _ = record_call(aws, name, endpoint["EndpointConfigName"])
    for each in (record, call):
        aws.make(each)
    state = settle(aws, name) or {"EndpointStatus": "gone", "EndpointConfigName": ""}
    if (state["EndpointStatus"], state["EndpointConfigName"]) != ("InService", wanted):
        reason = state.get("FailureReason") or "AWS gave no reason"
        raise DeploymentError(
            f"endpoint {name} could not return to {wanted} ({state['EndpointStatus']}): {reason}"
        )
