"""Show what each environment serves, when it was released, and what it was made from.

    python -m scripts status
    python -m scripts status --stack staging --json

Every endpoint and function in the region is listed with its package, commit, data, training job,
metrics, alarms, instances, and, where it is known, its price per hour.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import Aws, Call, connect
from scripts.account.command import Result, default_stack, say
from scripts.account.lineage import read_lineage
from scripts.account.naming import DEFAULT_STACK, PROJECT, watch_stack_name
from scripts.account.ownership import Tags, sagemaker_tags
from scripts.account.registry import APPROVER, find_package
from scripts.account.stacks import list_stacks, outputs_of, tags_of
from scripts.endpoints.live import describe_config, describe_endpoint, package_of
from scripts.operations.environments import check_environment
from scripts.releases.alarms import ALARMS, describe_alarms, stack_alarms
from scripts.releases.history import previous_of

_DIGITS = 12  # of a commit
SERVICES = ("sagemaker", "cloudformation", "cloudwatch", "s3", "lambda")
_AT_ONCE = 16
_GONE = "ResourceNotFoundException"
_FUNCTION_ALARMS = ("ErrorsAlarm", "ThrottlesAlarm", "DurationAlarm", "FaultsAlarm")
Item = TypeVar("Item")
Deployment = dict[str, Any]
# In dollars an hour, by region and type, with the source and its date. Check AWS's own page.
_PRICES = {("us-east-1", "ml.m5.xlarge"): (0.269, "zircon.tech, October 2025")}
HOURS_PER_MONTH = 730


def deployments(aws: Aws, only: str | None = None) -> list[Deployment]:
    """Return every endpoint and function, of all environments or of one, sorted by name."""
    for service in SERVICES:
        aws.client(service)  # before the threads, since clients are created one by one
    with ThreadPoolExecutor(_AT_ONCE) as pool:

        def at_once(work: Callable[[Any], Deployment | None], items: Iterable[Any]) -> list[Any]:
            return [result for result in pool.map(work, items) if result]

        stacks = {stack["StackName"]: stack for stack in list_stacks(aws)}
        names = [
            item["EndpointName"] for item in aws.pages("sagemaker", "list_endpoints", "Endpoints")
        ]
        functions = [stack for stack in stacks.values() if "FunctionAlias" in outputs_of(stack)]
        listing = at_once(lambda name: _endpoint(aws, name, stacks), names)
        packages = {endpoint["name"]: endpoint["model_package_arn"] for endpoint in listing}
        listing += at_once(lambda stack: _function(aws, stack, packages), functions)
        listing = [each for each in listing if only in (None, each["stack"])]
        at_once(lambda deployment: _add_origin(aws, deployment), listing)
        _add_alarms(aws, listing)
    return sorted(listing, key=lambda each: (each["stack"], each["name"]))


def _owner(tags: Tags) -> dict[str, str] | None:
    if tags.get("project") != PROJECT:
        return None
    named = {name: tags.get(name, "") for name in ("recipe", "data")}
    return {"stack": tags.get("stack", DEFAULT_STACK), **named}


def _endpoint(aws: Aws, name: str, stacks: Mapping[str, dict[str, Any]]) -> Deployment | None:
    endpoint = describe_endpoint(aws, name)
    tags = sagemaker_tags(aws, endpoint["EndpointArn"]) if endpoint else None
    owner = _owner(tags or {})
    if endpoint is None or tags is None or owner is None:
        return None
    (variant, *_) = endpoint.get("ProductionVariants") or [{}]
    config = describe_config(aws, endpoint["EndpointConfigName"]) or {}
    (planned, *_) = config.get("ProductionVariants") or [{}]
    count = variant.get("CurrentInstanceCount", 0)
    price, source = hourly_price(aws.region, planned.get("InstanceType", ""), count)
    watch = outputs_of(stacks.get(watch_stack_name(name)))
    return {
        **owner,
        "kind": "endpoint",
        "name": name,
        "status": endpoint["EndpointStatus"],
        "incoming": endpoint.get("PendingDeploymentSummary", {}).get("EndpointConfigName", ""),
        "released": _in_utc(config["CreationTime"]) if config else "",
        "release": endpoint["EndpointConfigName"],
        "previous": previous_of(tags, endpoint["EndpointConfigName"]),
        "instance_type": planned.get("InstanceType", "serverless"),
        "instance_count": count,
        "dollars_per_hour": price,
        "price_source": source,
        "alarms": watch.get(ALARMS, "").split(","),
        "model_package_arn": package_of(aws, config),
    }


def _in_utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")


def _function(aws: Aws, stack: dict[str, Any], packages: Mapping[str, str]) -> Deployment | None:
    """Return a function; one in front of an endpoint has the package of `packages` by endpoint."""
    owner, outputs = _owner(tags_of(stack)), outputs_of(stack)
    if owner is None:
        return None
    function = outputs["FunctionName"]
    query = {"FunctionName": function, "Name": outputs["FunctionAlias"].rpartition(":")[2]}
    live = aws.make(Call("lambda", "get_alias", query), _GONE)
    if live is None:  # somebody is deleting it
        return None
    query = {"FunctionName": function, "Qualifier": live["FunctionVersion"]}
    version = aws.make(Call("lambda", "get_function_configuration", query), _GONE)
    if version is None:
        return None
    variables = version.get("Environment", {}).get("Variables", {})
    endpoint = variables.get("ENDPOINT_NAME", "")
    return {
        **owner,
        "kind": "function",
        "name": function,
        "status": version.get("State", ""),
        "incoming": "".join(live.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})),
        "released": _in_utc(datetime.fromisoformat(version["LastModified"])),
        "release": live["FunctionVersion"],
        "endpoint": endpoint,
        "dollars_per_hour": None,
        "price_source": "billed by the request",
        "alarms": stack_alarms(aws, stack["StackName"], _FUNCTION_ALARMS),
        "model_package_arn": variables.get("MODEL_PACKAGE") or packages.get(endpoint, ""),
    }


def _add_origin(aws: Aws, deployment: Deployment) -> None:
    """Add what the package of a deployment says about its model, or why that is not known."""
    arn = deployment["model_package_arn"]
    package = find_package(aws, arn) if arn else None
    if package is None:
        return
    deployment["approval_status"] = package["ModelApprovalStatus"]
    try:
        lineage = read_lineage(aws, package)
    except DeploymentError as error:  # shown, because the other deployments matter as well
        deployment["problem"] = str(error)
        return
    deployment |= {
        "approved_by": package.get("CustomerMetadataProperties", {}).get(APPROVER, ""),
        "commit": lineage.get("commit", ""),
        "training_job_name": lineage.get("training_job_name", ""),
        "channels": lineage.get("channels", {}),
        "data_rows": lineage.get("data", {}),
        "generated_sample": lineage.get("generated_sample", False),
        "hyperparameters": lineage.get("hyperparameters", {}),
        "metrics": lineage.get("metrics", {}),
    }


def _add_alarms(aws: Aws, listing: list[Deployment]) -> None:
    names = sorted({name for deployment in listing for name in deployment["alarms"] if name})
    states = {
        alarm["AlarmName"]: alarm["StateValue"]
        for start in range(0, len(names), 100)
        for alarm in describe_alarms(aws, names[start : start + 100])
    }
    for deployment in listing:
        deployment["alarms"] = {
            name: states[name] for name in deployment["alarms"] if name in states
        }


def hourly_price(region: str, instance_type: str, count: int) -> tuple[float | None, str]:
    """Return the price of instances in dollars an hour, or None, with its source."""
    if not instance_type:  # serverless
        return None, "billed by the request"
    price, source = _PRICES.get((region, instance_type), (None, "unknown"))
    return (None if price is None else round(price * count, 4)), source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the JSON object only, no table")
    parser.add_argument("--region", help="AWS region (default: as for the other commands)")
    parser.add_argument("--stack", metavar="NAME", help="only this environment (default: all)")


def run(arguments: argparse.Namespace) -> Result:
    """Return the deployments, and print a table of them."""
    only, arguments.stack = arguments.stack, arguments.stack or default_stack()
    aws = connect(arguments)
    listing = deployments(aws, only)
    if only and not listing:
        check_environment(aws, only)
    if not arguments.json:
        say(_table(listing) if listing else "Nothing is deployed.")
        for each in listing:
            if "problem" in each:
                say(f"Warning: {each['name']}: {each['problem']}")
    return {"deployments": listing}


def _table(listing: list[Deployment]) -> str:
    heads = ("environment", "name", "status", "released (UTC)", "package", "commit", "accuracy")
    rows = [(*heads, "alarms")]
    for each in listing:
        package = each["model_package_arn"].partition("model-package/")[2]
        approval = each.get("approval_status", "Approved")
        package += "" if approval == "Approved" else f" ({approval})"
        accuracy = each.get("metrics", {}).get("accuracy")
        mark = f" ({GENERATED})" if each.get("generated_sample") else ""
        firing = [name for name, state in each["alarms"].items() if state == "ALARM"]
        states = set(each["alarms"].values())
        worst = "INSUFFICIENT_DATA" if "INSUFFICIENT_DATA" in states else "OK"
        moving = f", moving to {each['incoming']}" if each["incoming"] else ""
        rows.append(
            (
                each["stack"],
                each["name"],
                each["status"] + moving,
                each["released"][:16].replace("T", " ") or "unknown",
                package or "unknown",
                each.get("commit", "")[:_DIGITS] or "unknown",
                "" if accuracy is None else f"{accuracy:.4f}{mark}",
                ", ".join(firing) or (worst if states else "none"),
            )
        )
    return command.table(rows)


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
