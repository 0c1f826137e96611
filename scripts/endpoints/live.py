"""What an endpoint serves, what it served before, and what an update of it keeps."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.naming import (
    PIPELINE,
    endpoint_name,
    is_release_of,
    lambda_stack_name,
    name_in_stack,
)
from scripts.account.ownership import Tags, check_owner, is_own, sagemaker_tags
from scripts.account.stacks import find_stack, foundation, owner_flags
from scripts.endpoints.flags import COUNTS, INSTANCE_TYPE
from scripts.endpoints.plans import PACKAGE_TAG, Live, ReleasePlan, loaded_object
from scripts.releases.alarms import return_hint, watch_alarms
from scripts.releases.history import history_tags, previous_of

_NETWORK = ("VpcConfig", "EnableNetworkIsolation")  # of a model
IN_TRANSITION = ("Creating", "Updating", "SystemUpdating", "RollingBack")


def describe_endpoint(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return an endpoint, or None if it does not exist."""
    return _describe(aws, "describe_endpoint", EndpointName=name)


def _describe(aws: Aws, operation: str, **names: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = aws.make(Call("sagemaker", operation, names), "Could not find")
    return found


def selected_endpoint(recipe: Recipe, arguments: argparse.Namespace) -> str:
    """Return the name of the endpoint that the arguments select."""
    scope = name_in_stack(arguments.stack, recipe.scope)
    return arguments.endpoint_name or endpoint_name(scope, arguments.target)


def own_endpoint(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, purpose: str, of_function: str
) -> tuple[str, dict[str, Any]]:
    """Return the name and the description of the endpoint that the arguments select.

    Raise DeploymentError, with the advice `of_function` if only a function exists.
    """
    name = selected_endpoint(recipe, arguments)
    endpoint = describe_endpoint(aws, name)
    if endpoint is None:
        foundation(aws, arguments.stack)  # raises if the environment does not exist
        advice = "See those of all environments with: python -m scripts status"
        if find_stack(aws, lambda_stack_name(arguments.stack, recipe.scope)) is not None:
            advice = f"The recipe has a function; {of_function}"
        raise DeploymentError(
            f"there is no endpoint {name} in region {aws.region} to {purpose}. {advice}"
        )
    check_endpoint(aws, endpoint, arguments.stack)
    return name, endpoint


def describe_config(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return an endpoint config, or None if it does not exist."""
    return _describe(aws, "describe_endpoint_config", EndpointConfigName=name)


def list_endpoints(aws: Aws) -> Iterator[dict[str, Any]]:
    """Yield the description of each endpoint in the region."""
    for item in aws.pages("sagemaker", "list_endpoints", "Endpoints"):
        endpoint = describe_endpoint(aws, item["EndpointName"])
        if endpoint is not None:
            yield endpoint


def wait_until_gone(aws: Aws, name: str) -> None:
    """Wait until an endpoint that is being deleted no longer exists."""
    while describe_endpoint(aws, name) is not None:
        aws.pause()


def settle(aws: Aws, name: str) -> dict[str, Any] | None:
    """Wait until an endpoint is no longer in transition; return it, or None if it is gone."""
    said = ""
    for state in aws.watch(
        f"Endpoint {name}", lambda: describe_endpoint(aws, name), "EndpointStatus"
    ):
        if (progress := progress_of(state)) not in ("", said):
            say(f"Endpoint {name}: {progress}")
            said = progress
        if state["EndpointStatus"] not in IN_TRANSITION:
            return state
    return None


def progress_of(endpoint: dict[str, Any]) -> str:
    """Return what a pending deployment does, in the words of AWS, or ""."""
    pending = endpoint.get("PendingDeploymentSummary", {})
    return " ".join(
        status.get("StatusMessage") or status["Status"]
        for variant in pending.get("ProductionVariants", ())
        for status in variant.get("VariantStatus", ())
    )


def config_tags(aws: Aws, endpoint: dict[str, Any]) -> Tags:
    """Return the tags of the config of an endpoint, whose own do not change with its recipe."""
    config = describe_config(aws, endpoint["EndpointConfigName"])
    return (config and sagemaker_tags(aws, config["EndpointConfigArn"])) or {}


def package_of(aws: Aws, config: Mapping[str, Any]) -> str:
    """Return the model package that an endpoint config serves, "" if that is not known."""
    (variant, *_) = config.get("ProductionVariants") or [{}]
    name = variant.get("ModelName")
    model = _describe(aws, "describe_model", ModelName=name) if name else None
    return ((model and sagemaker_tags(aws, model["ModelArn"])) or {}).get(PACKAGE_TAG, "")


def check_endpoint(aws: Aws, endpoint: dict[str, Any], stack: str) -> None:
    """Raise DeploymentError unless an endpoint is of the stack and can be updated."""
    name, status = endpoint["EndpointName"], endpoint["EndpointStatus"]
    tags = sagemaker_tags(aws, endpoint["EndpointArn"]) or {}
    remedy = "Pass the --stack that it belongs to, or choose another --endpoint-name."
    check_owner(f"endpoint {name}", tags, stack, remedy)
    if status in IN_TRANSITION:
        alarms = watch_alarms(aws, name) if status == "Updating" else []
        hint = return_hint(aws, alarms)
        raise DeploymentError(f"endpoint {name} is {status}. Wait until it is in service{hint}")
    if status != "InService":
        raise DeploymentError(
            f"endpoint {name} is {status}. Delete it with: "
            f"python -m scripts.delete {owner_flags(aws, tags, stack)}"
        )


def read_live(aws: Aws, endpoint: dict[str, Any], arguments: argparse.Namespace) -> Live:
    """Return what the update of an endpoint keeps; raise DeploymentError if it cannot keep it."""
    name = endpoint["EndpointName"]
    config = describe_config(aws, endpoint["EndpointConfigName"])
    if config is None:
        raise DeploymentError(
            f"endpoint {name} cannot be updated: expected its endpoint config "
            f"{endpoint['EndpointConfigName']}, which was deleted. Deploy under another "
            "--endpoint-name, then delete this one"
        )
    variants = config["ProductionVariants"]
    if len(variants) != 1 or "ServerlessConfig" in variants[0]:
        names = ", ".join(variant["VariantName"] for variant in variants)
        several = f"{len(variants)} variants ({names})"
        what = several if len(variants) > 1 else "a serverless variant"
        raise DeploymentError(
            f"endpoint {name} has {what}, which a release would replace; expected one with "
            "instances. Deploy under another --endpoint-name"
        )
    # AWS takes the count at the time of the update, which scaling may have changed by then.
    retains = {"RetainAllVariantProperties": True} if arguments.instance_count is None else {}
    model_name = variants[0].get("ModelName", "")
    model = _describe(aws, "describe_model", ModelName=model_name) or {}
    network = {name: model[name] for name in _NETWORK if model.get(name)}
    return Live(config, retains, network)


def instances_of(
    arguments: argparse.Namespace, endpoint: dict[str, Any] | None, live: Live | None
) -> tuple[str, int]:
    """Return the type and count of instances: of the flags, the live ones, or the defaults."""
    (variant,) = live.config["ProductionVariants"] if live else [{}]
    (current,) = endpoint.get("ProductionVariants", [{}]) if endpoint else [{}]
    counts = (
        arguments.instance_count,
        current.get("DesiredInstanceCount"),
        variant.get("InitialInstanceCount"),
        COUNTS[PIPELINE]["instance_count"].default,
    )
    kind = arguments.instance_type or variant.get("InstanceType", INSTANCE_TYPE)
    return kind, next(filter(None, counts))  # 0 is not valid in a config


def announce_kept(arguments: argparse.Namespace, kind: str, count: int) -> dict[str, Any]:
    """Print and return the instances of a live endpoint that the update keeps, by flag."""
    values = {"instance_type": kind, "instance_count": count}
    kept = {name: value for name, value in values.items() if getattr(arguments, name) is None}
    if kept:
        listing = ", ".join(f"--{name.replace('_', '-')} {value}" for name, value in kept.items())
        say(f"Kept from the live endpoint: {listing}.")
    return kept


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
