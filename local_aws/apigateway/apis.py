"""The operations on APIs, routes, and integrations."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local_aws.apigateway.errors import BadRequest, Conflict, NotFound
from local_aws.apigateway.integrations import read_target
from local_aws.apigateway.openapi import Definition, read_definition
from local_aws.apigateway.records import Api, Record, Region, new_id
from local_aws.apigateway.routing import DEFAULT, read_route_key
from local_aws.apigateway.security.authorizers import new_authorizer
from local_aws.apigateway.security.cors import check_cors
from local_aws.apigateway.security.guards import JWT
from local_aws.apigateway.serving import TARGET, serve
from local_aws.apigateway.stages import close_log, create_stage, find_api

Operation = Callable[[Region, dict[str, Any]], dict[str, Any]]
_API_DEFAULTS = {
    "ApiKeySelectionExpression": "$request.header.x-api-key",
    "DisableExecuteApiEndpoint": False,
    "IpAddressType": "ipv4",
    "RouteSelectionExpression": "$request.method $request.path",
}
_IDS = ("ApiId", "RouteId", "IntegrationId")


def _new_api(region: Region, members: Record) -> Api:
    check_cors(members.get("CorsConfiguration") or {})
    api_id = new_id(10)
    record = {
        **_API_DEFAULTS,
        "ApiId": api_id,
        "ApiEndpoint": f"https://{api_id}.execute-api.{region.name}.amazonaws.com",
        "CreatedDate": datetime.now(UTC),
        "ProtocolType": "HTTP",
        "Tags": {},
        **members,
    }
    return Api(record)


def create_api(region: Region, request: dict[str, Any]) -> Record:
    """Create an API without routes, or with one route to the function of a Target."""
    members = dict(request)
    target, key = members.pop("Target", None), members.pop("RouteKey", None)
    if target is None and key is not None:
        raise BadRequest("RouteKey needs a Target: the ARN of a Lambda function.")
    api = _new_api(region, members)
    if target is not None:
        _define(region, api, Definition({}, [(key or DEFAULT, None, _proxy_to(target), {})], {}))
    region.apis[api.api_id] = api
    if target is not None:
        stage = {"ApiId": api.api_id, "StageName": "$default", "AutoDeploy": True}
        create_stage(region, stage)["ApiGatewayManaged"] = True
        for part in (*api.routes.values(), *api.integrations.values()):
            part["ApiGatewayManaged"] = True
    return api.record


def _proxy_to(function: str) -> Record:
    members = {"IntegrationType": "AWS_PROXY", "IntegrationUri": function}
    return {**members, "PayloadFormatVersion": "2.0"}


def _update_api(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    check_cors(request.get("CorsConfiguration") or {})
    api.record |= request
    return api.record


def _delete_cors(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    find_api(region, request).record.pop("CorsConfiguration", None)
    return {}


def _import_api(region: Region, request: dict[str, Any]) -> Record:
    definition = read_definition(request["Body"])
    api = _new_api(region, definition.api)
    _define(region, api, definition)
    region.apis[api.api_id] = api
    return api.record


def _reimport_api(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    definition = read_definition(request["Body"])
    check_cors(definition.api.get("CorsConfiguration") or {})
    _define(region, api, definition)
    api.record.pop("CorsConfiguration", None)
    api.record |= {**definition.api, "Tags": {**api.record["Tags"], **definition.api["Tags"]}}
    return api.record


def _define(region: Region, api: Api, definition: Definition) -> None:
    routes: dict[str, Record] = {}
    integrations: dict[str, Record] = {}
    authorizers = {name: _import(name, one) for name, one in definition.authorizers.items()}
    for key, operation, integration, security in definition.routes:
        if any(route["RouteKey"] == key for route in routes.values()):
            raise Conflict(f"Route with key {key} already exists for this API")
        read_route_key(key)
        _check_integration(region, integration)
        integration_id, route_id = new_id(), new_id()
        integrations[integration_id] = _integration_record(integration_id, integration)
        members = {"RouteKey": key, "Target": TARGET + integration_id, **security}
        members |= {"OperationName": operation} if operation else {}
        if "AuthorizerId" in members:  # until now, its name in the document
            members["AuthorizerId"] = authorizers[members["AuthorizerId"]]["AuthorizerId"]
        routes[route_id] = _route_record(route_id, members)
    api.authorizers = {one["AuthorizerId"]: one for one in authorizers.values()}
    api.routes, api.integrations = routes, integrations
    serve(region, api)


def _import(name: str, members: Record) -> Record:
    """Return a new authorizer; AWS may only warn of a bad one, and drop the routes that need it."""
    try:
        return new_authorizer(members)
    except BadRequest as error:
        raise BadRequest(
            f"Warnings found during import: Unable to create Authorizer '{name}': {error.message}. "
            "Ignoring."
        ) from error


def _check_integration(region: Region, integration: Record) -> None:
    kind = integration.get("IntegrationType")
    if kind != "AWS_PROXY":
        raise BadRequest(f"The local AWS does not reproduce the integration type {kind}.")
    read_target(integration, region.name)


def _integration_record(integration_id: str, members: Record) -> Record:
    defaults = {"ConnectionType": "INTERNET", "IntegrationMethod": "POST", "TimeoutInMillis": 30000}
    return {**defaults, **members, "IntegrationId": integration_id}


def _route_record(route_id: str, members: Record) -> Record:
    defaults = {"ApiKeyRequired": False, "AuthorizationType": "NONE"}
    return {**defaults, **members, "RouteId": route_id}


def _delete_api(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    api = find_api(region, request)
    del region.apis[api.api_id]
    for stage in api.stages.values():
        close_log(stage)
    return {}


def _part(records: dict[str, Record], kind: str, part_id: str) -> Record:
    if part_id not in records:
        raise NotFound(f"Unable to find {kind} by ID {part_id} within the specified API.")
    return records[part_id]


def _route(region: Region, request: dict[str, Any]) -> tuple[Api, Record]:
    api = find_api(region, request)
    return api, _part(api.routes, "Route", request["RouteId"])


def _integration(region: Region, request: dict[str, Any]) -> tuple[Api, Record]:
    api = find_api(region, request)
    return api, _part(api.integrations, "Integration", request["IntegrationId"])


def _members(request: dict[str, Any]) -> Record:
    """Return the members of a route or an integration in a request, without the ids."""
    return {name: value for name, value in request.items() if name not in _IDS}


def _save_route(region: Region, api: Api, record: Record) -> Record:
    key, target = record["RouteKey"], record.get("Target")
    read_route_key(key)
    if any(
        route["RouteKey"] == key and route["RouteId"] != record["RouteId"]
        for route in api.routes.values()
    ):
        raise Conflict(f"Route with key {key} already exists for this API")
    if target is not None:
        if not target.startswith(TARGET):
            raise BadRequest(f"Target {target!r} is not valid; expected {TARGET} and an id.")
        _part(api.integrations, "Integration", target.removeprefix(TARGET))
    if record["AuthorizationType"] != JWT:
        record.pop("AuthorizerId", None)
    elif record.get("AuthorizerId") not in api.authorizers:
        raise BadRequest(
            "Invalid authorizer ID specified. Setting the authorization type to JWT requires a "
            "valid JWT authorizer."
        )
    api.routes[record["RouteId"]] = record
    serve(region, api)
    return record


def _create_route(region: Region, request: dict[str, Any]) -> Record:
    record = _route_record(new_id(), _members(request))
    return _save_route(region, find_api(region, request), record)


def _update_route(region: Region, request: dict[str, Any]) -> Record:
    api, record = _route(region, request)
    return _save_route(region, api, {**record, **_members(request)})


def _delete_route(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    api, record = _route(region, request)
    del api.routes[record["RouteId"]]
    serve(region, api)
    return {}


def _create_integration(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    _check_integration(region, request)
    record = _integration_record(new_id(), _members(request))
    api.integrations[record["IntegrationId"]] = record
    return record


def _update_integration(region: Region, request: dict[str, Any]) -> Record:
    api, old = _integration(region, request)
    record = {**old, **_members(request)}
    _check_integration(region, record)
    api.integrations[record["IntegrationId"]] = record
    serve(region, api)
    return record


def _delete_integration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    api, record = _integration(region, request)
    target = TARGET + record["IntegrationId"]
    if any(route.get("Target") == target for route in api.routes.values()):
        raise Conflict("Cannot delete Integration, it is used by a route.")
    del api.integrations[record["IntegrationId"]]
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateApi": create_api,
    "UpdateApi": _update_api,
    "ImportApi": _import_api,
    "ReimportApi": _reimport_api,
    "GetApi": lambda region, request: find_api(region, request).record,
    "GetApis": lambda region, request: {"Items": [api.record for api in region.apis.values()]},
    "DeleteApi": _delete_api,
    "DeleteCorsConfiguration": _delete_cors,
    "CreateRoute": _create_route,
    "UpdateRoute": _update_route,
    "GetRoute": lambda region, request: _route(region, request)[1],
    "GetRoutes": lambda region, request: {"Items": [*find_api(region, request).routes.values()]},
    "DeleteRoute": _delete_route,
    "CreateIntegration": _create_integration,
    "UpdateIntegration": _update_integration,
    "GetIntegration": lambda region, request: _integration(region, request)[1],
    "GetIntegrations": lambda region, request: {
        "Items": [*find_api(region, request).integrations.values()]
    },
    "DeleteIntegration": _delete_integration,
}
