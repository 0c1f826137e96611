"""Stages: the settings under which the routes of an API are served, and their access logs."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_aws.apigateway.errors import BadRequest, Conflict, NotFound
from local_aws.apigateway.parts import serve
from local_aws.apigateway.records import (
    Api,
    Bucket,
    Operation,
    Record,
    Region,
    Stage,
    find_api,
    new_id,
)
from local_aws.logs import LogStream

_CONTEXT_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)")
_GROUP = re.compile(
    r"arn:aws:logs:[a-z0-9-]+:[0-9]{12}:log-group:(?P<name>[.\-_/#A-Za-z0-9]{1,512})(:\*)?"
)
_NAME = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
_VARIABLE = re.compile(r"[A-Za-z0-9_]+")
# The limits of an account, which apply if a stage sets only one of the two.
_BURST, _RATE = 5_000, 10_000.0


def open_log(region: str, settings: Mapping[str, str], stream: str) -> LogStream:
    """Return the log stream of a stage."""
    return LogStream(region, _group_of(settings["DestinationArn"]), stream)


def check_settings(logs: Any, settings: Mapping[str, str]) -> None:
    """Raise BadRequest unless the log group exists and the format contains the request id."""
    group, line = _group_of(settings.get("DestinationArn", "")), settings.get("Format", "")
    if "$context.requestId" not in line and "$context.extendedRequestId" not in line:
        raise BadRequest(
            "Format must contain at least $context.requestId or $context.extendedRequestId."
        )
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if group not in {item["logGroupName"] for item in groups}:
        raise BadRequest(
            f"Invalid ARN specified in the request. The log group {group} does not exist."
        )


def _group_of(arn: str) -> str:
    match = _GROUP.fullmatch(arn)
    if match is None:
        raise BadRequest(
            f"Invalid ARN specified in the request. {arn!r} is not the ARN of a log group, which "
            "is the only destination that the local AWS reproduces."
        )
    return match["name"]


def fill(line: str, context: Mapping[str, Any]) -> str:
    """Return a line with its variables filled in; as on AWS, an unknown one becomes a dash."""

    def value(match: re.Match[str]) -> str:
        known = context.get(match[1])
        return "-" if known in (None, "") else _escape(str(known))

    return _CONTEXT_VARIABLE.sub(value, line)


def _escape(text: str) -> str:
    """Return text that cannot end the line, or the JSON that the format may contain."""
    return "".join(
        "\\" + c if c in '"\\' else c if c.isprintable() else f"\\u{ord(c):04x}" for c in text
    )


def find_stage(region: Region, request: dict[str, Any]) -> Stage:
    """Return a stage of an API; raise NotFound if it does not exist."""
    stages, name = find_api(region, request).stages, request["StageName"]
    if name not in stages:
        raise NotFound(f"Unable to find Stage by name {name} within the provided RestApi")
    return stages[name]


def create_stage(region: Region, request: dict[str, Any]) -> Record:
    """Create a stage."""
    api, name = find_api(region, request), request["StageName"]
    if _NAME.fullmatch(name) is None:
        raise BadRequest(f"Stage name {name!r} only allows a-zA-Z0-9_- or $default.")
    if name in api.stages:
        raise Conflict(f"Stage {name} already exists")
    record = {"AutoDeploy": False, "RouteSettings": {}, "StageVariables": {}, "Tags": {}}
    stage = Stage({**record, "CreatedDate": datetime.now(UTC), "StageName": name})
    _change(region, stage, request)
    api.stages[name] = stage
    return stage.record


def _change(region: Region, stage: Stage, request: dict[str, Any]) -> Record:
    changes = {name: value for name, value in request.items() if name != "ApiId"}
    if not changes.get("AutoDeploy", stage.record["AutoDeploy"]):
        raise BadRequest("The local AWS does not reproduce a stage without AutoDeploy.")
    for name in changes.get("StageVariables", {}):
        if _VARIABLE.fullmatch(name) is None:
            raise BadRequest(f"Stage variable name {name!r} only allows a-zA-Z0-9_.")
    if "AccessLogSettings" in changes:
        check_settings(region.client("logs"), changes["AccessLogSettings"])
    _use(region, request["ApiId"], stage, changes)
    stage.record |= changes | {"LastUpdatedDate": datetime.now(UTC)}
    return stage.record


def _use(region: Region, api_id: str, stage: Stage, settings: Record) -> None:
    if "AccessLogSettings" in settings:
        stream = f"{api_id}-{new_id(16)}"
        stage.log = open_log(region.name, settings["AccessLogSettings"], stream)
    if "DefaultRouteSettings" in settings:
        stage.bucket = _bucket(settings["DefaultRouteSettings"])


def _bucket(settings: dict[str, Any]) -> Bucket | None:
    """Return the bucket of a stage's settings, or None if they set no limit."""
    burst, rate = settings.get("ThrottlingBurstLimit"), settings.get("ThrottlingRateLimit")
    if burst is None and rate is None:
        return None
    return Bucket(_BURST if burst is None else burst, _RATE if rate is None else rate)


def _delete_stage(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    find_stage(region, request)
    del find_api(region, request).stages[request["StageName"]]
    return {}


def _delete_access_log(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    stage = find_stage(region, request)
    stage.log = None
    stage.record.pop("AccessLogSettings", None)
    return {}


def saved(region: Region) -> list[dict[str, Any]]:
    """Return the records of the APIs of a region."""
    with region.lock:
        return [
            {
                "record": api.record,
                "parts": api.parts,
                "stages": {name: stage.record for name, stage in api.stages.items()},
            }
            for api in region.apis.values()
        ]


def restore(region: Region, saved: list[dict[str, Any]]) -> None:
    """Serve the APIs of a region."""
    for item in saved:
        stages = {name: Stage(record) for name, record in item.pop("stages").items()}
        api = Api(**item, stages=stages)
        for stage in stages.values():
            _use(region, api.api_id, stage, stage.record)
        serve(region, api)
        with region.lock:
            region.apis[api.api_id] = api


OPERATIONS: dict[str, Operation] = {
    "CreateStage": create_stage,
    "UpdateStage": lambda region, request: _change(region, find_stage(region, request), request),
    "GetStage": lambda region, request: find_stage(region, request).record,
    "GetStages": lambda region, request: {
        "Items": [stage.record for stage in find_api(region, request).stages.values()]
    },
    "DeleteStage": _delete_stage,
    "DeleteAccessLogSettings": _delete_access_log,
}
