"""Stages and deployments: what of an API is served, how fast, and what is written down."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local_aws.apigateway.access_logs import AccessLog, check_settings
from local_aws.apigateway.errors import BadRequest, Conflict, NotFound
from local_aws.apigateway.integrations import read_target
from local_aws.apigateway.records import Api, Record, Stage, new_id
from local_aws.apigateway.routing import Router
from local_aws.apigateway.throttling import Bucket
from local_aws.region import Region

_NAME = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
# What an account has where a stage sets one limit and not the other.
_BURST, _RATE = 5_000, 10_000.0
_VARIABLES = re.compile(r"[A-Za-z0-9_]+")


def find_api(region: Region, request: dict[str, Any]) -> Api:
    """Return an API; raise NotFound if there is none."""
    api_id = request["ApiId"]
    if api_id not in region.apis:
        raise NotFound(f"Invalid API identifier specified {region.settings.account_id}:{api_id}")
    found: Api = region.apis[api_id]
    return found


def make_router(region: Region, api: Api) -> Router:
    """Return what serves the routes of an API as they are now."""
    routes = []
    for route in api.routes.values():
        integration = api.integrations.get(route.get("Target", "").removeprefix("integrations/"))
        if integration is not None:  # AWS answers 404 on a route without a target, too
            routes.append((route["RouteKey"], read_target(integration, region.name)))
    return Router(routes)


def deploy(region: Region, api: Api, automatic: bool, description: str = "") -> Record:
    """Keep the routes as they are now, to be served by stages."""
    record: Record = {
        "AutoDeployed": automatic,
        "CreatedDate": datetime.now(UTC),
        "DeploymentId": new_id(6),
        "DeploymentStatus": "DEPLOYED",
    }
    if description:
        record["Description"] = description
    api.routers[record["DeploymentId"]] = make_router(region, api)
    api.deployments[record["DeploymentId"]] = record
    return record


def deploy_automatically(region: Region, api: Api) -> None:
    """Serve a change at once where a stage asks for that; forget what no stage serves any more."""
    automatic = [stage for stage in api.stages.values() if stage.record["AutoDeploy"]]
    if automatic:
        deployment = deploy(region, api, automatic=True)
        for stage in automatic:
            _serve(api, stage, deployment["DeploymentId"])
    served = {stage.record.get("DeploymentId") for stage in api.stages.values()}
    for name, record in list(api.deployments.items()):
        if record["AutoDeployed"] and name not in served:
            del api.deployments[name], api.routers[name]


def _serve(api: Api, stage: Stage, deployment_id: str) -> None:
    stage.record["DeploymentId"] = deployment_id
    stage.router = api.routers[deployment_id]


def find_stage(api: Api, name: str) -> Stage:
    """Return a stage; raise NotFound if there is none."""
    if name not in api.stages:
        raise NotFound(f"Unable to find Stage by name {name} within the provided RestApi")
    return api.stages[name]


def create_stage(region: Region, request: dict[str, Any]) -> Record:
    """Make a stage."""
    api, name = find_api(region, request), request["StageName"]
    if _NAME.fullmatch(name) is None:
        raise BadRequest(f"Stage name {name!r} only allows a-zA-Z0-9_- or $default.")
    if name in api.stages:
        raise Conflict(f"Stage {name} already exists")
    record = {"AutoDeploy": False, "RouteSettings": {}, "StageVariables": {}, "Tags": {}}
    now = datetime.now(UTC)
    stage = Stage({**record, "CreatedDate": now, "StageName": name})
    _apply(region, api, stage, request)
    api.stages[name] = stage
    if stage.record["AutoDeploy"]:
        deploy_automatically(region, api)
    return stage.record


def update_stage(region: Region, request: dict[str, Any]) -> Record:
    """Change a stage."""
    api = find_api(region, request)
    stage = find_stage(api, request["StageName"])
    _apply(region, api, stage, request)
    if stage.record["AutoDeploy"]:
        deploy_automatically(region, api)
    return stage.record


def _apply(region: Region, api: Api, stage: Stage, request: dict[str, Any]) -> None:
    told = {name: value for name, value in request.items() if name not in ("ApiId", "StageName")}
    _check(region, api, stage, told)
    stage.record |= told | {"LastUpdatedDate": datetime.now(UTC)}
    if "DeploymentId" in told:
        _serve(api, stage, told["DeploymentId"])
    if "DefaultRouteSettings" in told:
        stage.bucket = bucket_of(told["DefaultRouteSettings"])
    if "AccessLogSettings" in told:
        _close_log(stage)
        stage.log = AccessLog(
            region.client("logs"), told["AccessLogSettings"], f"{api.api_id}-{new_id(16)}"
        )


def _check(region: Region, api: Api, stage: Stage, told: dict[str, Any]) -> None:
    deployment = told.get("DeploymentId")
    if deployment is not None and deployment not in api.deployments:
        raise NotFound(f"Unable to find Deployment by ID {deployment} within the specified API.")
    if deployment is not None and told.get("AutoDeploy", stage.record["AutoDeploy"]):
        raise BadRequest("Deployment ID cannot be set on a stage with auto deploy enabled.")
    if "AccessLogSettings" in told:
        check_settings(region.client("logs"), told["AccessLogSettings"])
    for name in told.get("StageVariables", {}):
        if _VARIABLES.fullmatch(name) is None:
            raise BadRequest(f"Stage variable name {name!r} only allows a-zA-Z0-9_.")


def bucket_of(settings: dict[str, Any]) -> Bucket | None:
    """Return the bucket of some route settings, or None if they set no limit."""
    if "ThrottlingBurstLimit" not in settings and "ThrottlingRateLimit" not in settings:
        return None
    return Bucket(
        settings.get("ThrottlingBurstLimit", _BURST), settings.get("ThrottlingRateLimit", _RATE)
    )


def _close_log(stage: Stage) -> None:
    if stage.log is not None:
        stage.log.close()
        stage.log = None


def delete_stage(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a stage away."""
    api = find_api(region, request)
    stage = find_stage(api, request["StageName"])
    del api.stages[request["StageName"]]
    _close_log(stage)
    return {}


def delete_access_log(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Write no more access log."""
    stage = find_stage(find_api(region, request), request["StageName"])
    _close_log(stage)
    stage.record.pop("AccessLogSettings", None)
    return {}


def create_deployment(region: Region, request: dict[str, Any]) -> Record:
    """Keep the routes as they are, and serve them in the stage that is named."""
    api = find_api(region, request)
    stage = find_stage(api, request["StageName"]) if request.get("StageName") else None
    if stage is not None and stage.record["AutoDeploy"]:
        raise BadRequest("Deployment ID cannot be set on a stage with auto deploy enabled.")
    record = deploy(region, api, automatic=False, description=request.get("Description", ""))
    if stage is not None:
        _serve(api, stage, record["DeploymentId"])
    return record


def get_deployment(region: Region, request: dict[str, Any]) -> Record:
    """Describe a deployment."""
    deployments, asked = find_api(region, request).deployments, request["DeploymentId"]
    if asked not in deployments:
        raise NotFound(f"Unable to find Deployment by ID {asked} within the specified API.")
    return deployments[asked]


def delete_deployment(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Forget a deployment that no stage serves."""
    api, record = find_api(region, request), get_deployment(region, request)
    name = record["DeploymentId"]
    if any(stage.record.get("DeploymentId") == name for stage in api.stages.values()):
        raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
    del api.deployments[name], api.routers[name]
    return {}


OPERATIONS: dict[str, Callable[[Region, dict[str, Any]], dict[str, Any]]] = {
    "CreateStage": create_stage,
    "UpdateStage": update_stage,
    "GetStage": lambda region, request: (
        find_stage(find_api(region, request), request["StageName"]).record
    ),
    "GetStages": lambda region, request: {
        "Items": [stage.record for stage in find_api(region, request).stages.values()]
    },
    "DeleteStage": delete_stage,
    "DeleteAccessLogSettings": delete_access_log,
    "CreateDeployment": create_deployment,
    "GetDeployment": get_deployment,
    "GetDeployments": lambda region, request: {
        "Items": [*find_api(region, request).deployments.values()]
    },
    "DeleteDeployment": delete_deployment,
}
