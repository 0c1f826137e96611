"""Stages: the settings under which the routes of an API are served."""

import re
from datetime import UTC, datetime
from typing import Any

from local_aws.apigateway.access_logs import check_settings, open_log
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

_NAME = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
_VARIABLE = re.compile(r"[A-Za-z0-9_]+")
# The limits of an account, which apply if a stage sets only one of the two.
_BURST, _RATE = 5_000, 10_000.0


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


def _update_stage(region: Region, request: dict[str, Any]) -> Record:
    stage = find_stage(region, request)
    _change(region, stage, request)
    return stage.record


def _change(region: Region, stage: Stage, request: dict[str, Any]) -> None:
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
    "UpdateStage": _update_stage,
    "GetStage": lambda region, request: find_stage(region, request).record,
    "GetStages": lambda region, request: {
        "Items": [stage.record for stage in find_api(region, request).stages.values()]
    },
    "DeleteStage": _delete_stage,
    "DeleteAccessLogSettings": _delete_access_log,
}
