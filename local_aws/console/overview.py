"""What the page shows, read through boto3 as any other program would."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from local_aws.cloud import client
from local_aws.settings import Settings

MOST_ROWS = 50
MOST_LINES = 500
MOST_OBJECTS = 1_000  # of a bucket: one page, since they are read again and again
Row = list[str]
_FEW = {"MaxItems": MOST_OBJECTS}
_JOBS = {
    "training": ("training_job", "TrainingJob"),
    "processing": ("processing_job", "ProcessingJob"),
    "transform": ("transform_job", "TransformJob"),
    "tuning": ("hyper_parameter_tuning_job", "HyperParameterTuningJob"),
}


def overview(settings: Settings, region: str) -> dict[str, Any]:
    """Return the tables of a region, and the names of its log groups."""

    def service(name: str) -> Any:
        return client(name, settings, region)

    tables = [
        _table("Endpoints", "endpoint,status,containers,instances,since", _endpoints(service)),
        _table("Jobs", "job,kind,status,since,reason", _jobs(service)),
        _table("Functions", "function,runtime,memory,code,changed", _functions(service)),
        _table("HTTP APIs", "API,address", _apis(service, settings)),
        _table("Stacks", "stack,status,changed,reason", _stacks(service)),
        _table("Buckets", "bucket,objects,size,newest object", _buckets(service)),
    ]
    groups = [group["logGroupName"] for group in _all(service("logs"), "describe_log_groups")]
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


def _table(title: str, columns: str, rows: Iterable[Row]) -> dict[str, Any]:
    """Return a table with its newest rows, and the number of all of them."""
    listing = list(rows)
    return {
        "title": title,
        "columns": columns.split(","),
        "rows": listing[:MOST_ROWS],
        "count": len(listing),
    }


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


def _endpoints(service: Callable[[str], Any]) -> Iterable[Row]:
    sagemaker = service("sagemaker")
    items = _newest(_all(sagemaker, "list_endpoints"), "LastModifiedTime")
    for place, item in enumerate(items):
        if place >= MOST_ROWS:  # counted, but not shown
            yield [item["EndpointName"]]
            continue
        try:
            endpoint = sagemaker.describe_endpoint(EndpointName=item["EndpointName"])
            containers = list(_containers(sagemaker, endpoint["EndpointConfigName"]))
        except ClientError:  # the endpoint, its configuration, or its model was deleted meanwhile
            containers, endpoint = [], item
        variants = endpoint.get("ProductionVariants", [])
        counts = [variant.get("CurrentInstanceCount", "") for variant in variants]
        yield [
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


def _jobs(service: Callable[[str], Any]) -> Iterable[Row]:
    """Yield the jobs of all kinds, the newest first; only the shown ones are described."""
    sagemaker, jobs = service("sagemaker"), []
    for kind, (operation, _) in _JOBS.items():
        jobs += [(kind, item) for item in _all(sagemaker, f"list_{operation}s")]
    jobs.sort(key=lambda each: _time(each[1]["CreationTime"]), reverse=True)
    for place, (kind, item) in enumerate(jobs):
        operation, name = _JOBS[kind]
        job, status, reason = item[f"{name}Name"], item[f"{name}Status"], ""
        if status == "Failed" and place < MOST_ROWS:
            describe = getattr(sagemaker, f"describe_{operation}")
            reason = describe(**{f"{name}Name": job}).get("FailureReason", "")
        yield [job, kind, status, _time(item["CreationTime"]), reason]


def _functions(service: Callable[[str], Any]) -> Iterable[Row]:
    for function in _newest(_all(service("lambda"), "list_functions"), "LastModified"):
        yield [
            function["FunctionName"],
            function.get("Runtime", ""),
            f"{function['MemorySize']} MB",
            _size(function["CodeSize"]),
            _time(function["LastModified"]),
        ]


def _apis(service: Callable[[str], Any], settings: Settings) -> Iterable[Row]:
    for api in _all(service("apigatewayv2"), "get_apis"):
        yield [api["Name"], f"{settings.endpoint_url}/_local_aws/apis/{api['ApiId']}/"]


def _stacks(service: Callable[[str], Any]) -> Iterable[Row]:
    formation = service("cloudformation")
    stacks = _newest(_all(formation, "describe_stacks"), "CreationTime")
    for place, stack in enumerate(stacks):
        name, status, reason = stack["StackName"], stack["StackStatus"], ""
        if ("ROLLBACK" in status or "FAILED" in status) and place < MOST_ROWS:
            reason = _first_failure(formation, stack["StackId"])
        changed = stack.get("LastUpdatedTime", stack["CreationTime"])
        yield [name, status, _time(changed), reason]


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


def _buckets(service: Callable[[str], Any]) -> Iterable[Row]:
    s3 = service("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        try:
            objects = _all(s3, "list_objects_v2", Bucket=bucket["Name"], PaginationConfig=_FEW)
        except s3.exceptions.NoSuchBucket:  # it was deleted meanwhile
            continue
        except ClientError as error:  # such as a policy that denies everyone to list it
            yield [bucket["Name"], f"unknown: {error.response['Error']['Message']}", "", ""]
            continue
        newest = max(objects, key=lambda item: item["LastModified"], default={"Key": ""})
        size = sum(item["Size"] for item in objects)
        more = " or more" if len(objects) == MOST_OBJECTS else ""
        yield [bucket["Name"], f"{len(objects):,}{more}", _size(size), newest["Key"]]


def _size(count: float) -> str:
    """Return a number of bytes in the largest unit in which it is at least 1."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
