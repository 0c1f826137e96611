"""What the page shows, read through boto3 as any other program would."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from local_aws.cloud import client
from local_aws.settings import Settings

MOST_ROWS = 50
MOST_LINES = 500
MOST_OBJECTS = 1_000  # of a bucket: one page, since they are read again and again
Row = list[str]
Job = tuple[str, dict[str, Any]]  # the kind, and an item of a listing
_FEW = {"MaxItems": MOST_OBJECTS}
_COLUMNS = {
    "Endpoints": "endpoint,status,containers,instances,since",
    "Jobs": "job,kind,status,since,reason",
    "Functions": "function,runtime,memory,code,changed",
    "HTTP APIs": "API,address",
    "Stacks": "stack,status,changed,reason",
    "Buckets": "bucket,objects,size,newest object",
}
_JOBS = {
    "training": ("training_job", "TrainingJob"),
    "processing": ("processing_job", "ProcessingJob"),
    "transform": ("transform_job", "TransformJob"),
    "tuning": ("hyper_parameter_tuning_job", "HyperParameterTuningJob"),
}


def overview(settings: Settings, region: str) -> dict[str, Any]:
    """Return the tables of a region, and the names of its log groups."""
    names = ("sagemaker", "lambda", "apigatewayv2", "cloudformation", "s3", "logs")
    services = (client(name, settings, region) for name in names)
    sagemaker, functions, apis, formation, s3, logs = services
    endpoints = _newest(_all(sagemaker, "list_endpoints"), "LastModifiedTime")
    newest_functions = _newest(_all(functions, "list_functions"), "LastModified")
    stacks = _newest(_all(formation, "describe_stacks"), "CreationTime")
    address = f"{settings.endpoint_url}/_local_aws/apis"
    tables = [
        _table("Endpoints", endpoints, partial(_endpoint, sagemaker)),
        _table("Jobs", _jobs(sagemaker), partial(_job, sagemaker)),
        _table("Functions", newest_functions, _function),
        _table("HTTP APIs", _all(apis, "get_apis"), partial(_api, address)),
        _table("Stacks", stacks, partial(_stack, formation)),
        _table("Buckets", s3.list_buckets()["Buckets"], partial(_bucket, s3)),
    ]
    groups = [group["logGroupName"] for group in _all(logs, "describe_log_groups")]
    return {"region": region, "tables": tables, "logs": groups}


def log_lines(settings: Settings, region: str, group: str) -> list[str]:
    """Return the newest lines of a log group, oldest first, with time and stream."""
    logs = client("logs", settings, region)
    streams = _all(logs, "describe_log_streams", logGroupName=group)
    streams.sort(key=lambda stream: stream.get("lastEventTimestamp", 0))
    events = [
        (event["timestamp"], f"{_time(event['timestamp'])}  {name}  {event['message'].rstrip()}")
        for name in (stream["logStreamName"] for stream in streams[-MOST_ROWS:])
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=name, limit=MOST_LINES, startFromHead=False
        )["events"]
    ]
    return [line for _, line in sorted(events, key=lambda event: event[0])[-MOST_LINES:]]


def _table(title: str, items: list[Any], row: Callable[[Any], Row]) -> dict[str, Any]:
    """Return a table with the rows of the first items, and the number of all of them."""
    rows, columns = [row(item) for item in items[:MOST_ROWS]], _COLUMNS[title].split(",")
    return {"title": title, "columns": columns, "rows": rows, "count": len(items)}


def _all(service: Any, operation: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the items on all pages of a list operation."""
    pages = service.get_paginator(operation).paginate(**parameters)
    key = pages.result_keys[0].expression
    return [item for page in pages for item in page.get(key, [])]


def _time(value: datetime | float | str | None) -> str:
    """Return a time in UTC, to the second; numbers are milliseconds."""
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value / 1000, UTC)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (value or "")[:19].replace("T", " ")


def _newest(items: Iterable[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: _time(item.get(field)), reverse=True)


def _endpoint(sagemaker: Any, item: dict[str, Any]) -> Row:
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=item["EndpointName"])
        containers = list(_containers(sagemaker, endpoint["EndpointConfigName"]))
    except ClientError:  # the endpoint, its configuration, or its model was deleted meanwhile
        containers, endpoint = [], item
    variants = endpoint.get("ProductionVariants", [])
    counts = [variant.get("CurrentInstanceCount", "") for variant in variants]
    return [
        item["EndpointName"],
        endpoint["EndpointStatus"],
        "; ".join(containers),
        ", ".join(map(str, counts)),
        _time(endpoint["LastModifiedTime"]),
    ]


def _containers(sagemaker: Any, configuration: str) -> Iterable[str]:
    """Yield the images of each variant's containers, in the order of the pipeline."""
    described = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)
    for variant in described["ProductionVariants"]:
        model = sagemaker.describe_model(ModelName=variant["ModelName"])
        containers = model.get("Containers") or [model["PrimaryContainer"]]
        images = (each.get("Image", "a model package").rsplit("/", 1)[-1] for each in containers)
        yield f"{variant['VariantName']}: {' → '.join(images)}"


def _jobs(sagemaker: Any) -> list[Job]:
    """Return the jobs of all kinds, the newest first."""
    jobs = [
        (kind, item)
        for kind, (operation, _) in _JOBS.items()
        for item in _all(sagemaker, f"list_{operation}s")
    ]
    return sorted(jobs, key=lambda job: _time(job[1]["CreationTime"]), reverse=True)


def _job(sagemaker: Any, job: Job) -> Row:
    kind, item = job
    operation, noun = _JOBS[kind]
    name, status, reason = item[f"{noun}Name"], item[f"{noun}Status"], ""
    if status == "Failed":
        describe = getattr(sagemaker, f"describe_{operation}")
        reason = describe(**{f"{noun}Name": name}).get("FailureReason", "")
    return [name, kind, status, _time(item["CreationTime"]), reason]


def _function(function: dict[str, Any]) -> Row:
    return [
        function["FunctionName"],
        function.get("Runtime", ""),
        f"{function['MemorySize']} MB",
        _size(function["CodeSize"]),
        _time(function["LastModified"]),
    ]


def _api(address: str, api: dict[str, Any]) -> Row:
    return [api["Name"], f"{address}/{api['ApiId']}/"]


def _stack(formation: Any, stack: dict[str, Any]) -> Row:
    name, status, reason = stack["StackName"], stack["StackStatus"], ""
    if "ROLLBACK" in status or "FAILED" in status:
        reason = _first_failure(formation, stack["StackId"])
    return [name, status, _time(stack.get("LastUpdatedTime", stack["CreationTime"])), reason]


def _first_failure(formation: Any, stack: str) -> str:
    """Return the reason of the last operation's first failure; events come newest first."""
    reason = ""
    for event in _all(formation, "describe_stack_events", StackName=stack):
        begins = event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
        if begins and event["PhysicalResourceId"] == stack:
            break
        if event["ResourceStatus"].endswith("FAILED"):
            reason = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
    return reason


def _bucket(s3: Any, bucket: dict[str, Any]) -> Row:
    try:
        objects = _all(s3, "list_objects_v2", Bucket=bucket["Name"], PaginationConfig=_FEW)
    except ClientError as error:  # such as a policy that denies everyone to list it
        return [bucket["Name"], f"unknown: {error.response['Error']['Message']}", "", ""]
    newest = max(objects, key=lambda item: item["LastModified"], default={"Key": ""})
    size = sum(item["Size"] for item in objects)
    more = " or more" if len(objects) == MOST_OBJECTS else ""
    return [bucket["Name"], f"{len(objects):,}{more}", _size(size), newest["Key"]]


def _size(count: float) -> str:
    """Return a number of bytes in the largest unit in which it is at least 1."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
