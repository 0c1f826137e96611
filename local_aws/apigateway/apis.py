"""apigatewayv2's operations on APIs, routes and integrations."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local_aws.apigateway.errors import BadRequest, Conflict, NotFound
from local_aws.apigateway.integrations import read_target
from local_aws.apigateway.openapi import Definition, read_definition
from local_aws.apigateway.records import Api, Record, new_id
from local_aws.apigateway.routing import read_route_key
from local_aws.apigateway.stages import deploy_automatically, find_api
from local_aws.region import Region

Operation = Callable[[Region, dict[str, Any]], dict[str, Any]]
_TARGET = "integrations/"
_API_DEFAULTS = {
    "ApiKeySelectionExpression": "$request.header.x-api-key",
    "DisableExecuteApiEndpoint": False,
    "IpAddressType": "ipv4",
    "RouteSelectionExpression": "$request.method $request.path",
}


def _part(records: dict[str, Record], kind: str, given: str) -> Record:
    if given not in records:
        raise NotFound(f"Unable to find {kind} by ID {given} within the specified API.")
    return records[given]


def _new_api(region: Region, members: Record) -> Api:
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
    """Make an API without routes."""
    api = _new_api(region, request)
    region.apis[api.api_id] = api
    return api.record


def update_api(region: Region, request: dict[str, Any]) -> Record:
    """Change what describes an API."""
    api = find_api(region, request)
    api.record |= request
    return api.record


def import_api(region: Region, request: dict[str, Any]) -> Record:
    """Make an API of an OpenAPI document."""
    definition = read_definition(request["Body"])
    api = _new_api(region, definition.api)
    _define(region, api, definition)
    region.apis[api.api_id] = api
    return api.record


def reimport_api(region: Region, request: dict[str, Any]) -> Record:
    """Give an API the routes of another document."""
    api = find_api(region, request)
    definition = read_definition(request["Body"])
    _define(region, api, definition)
    api.record |= {**definition.api, "Tags": {**api.record["Tags"], **definition.api["Tags"]}}
    deploy_automatically(region, api)
    return api.record


def _define(region: Region, api: Api, definition: Definition) -> None:
    routes: dict[str, Record] = {}
    integrations: dict[str, Record] = {}
    for key, operation, given in definition.routes:
        if any(route["RouteKey"] == key for route in routes.values()):
            raise Conflict(f"Route with key {key} already exists for this API")
        read_route_key(key)
        check_integration(region, given)
        integration, route = new_id(), new_id()
        integrations[integration] = _whole_integration(integration, given)
        named = {"OperationName": operation} if operation else {}
        routes[route] = _whole_route(route, key, _TARGET + integration) | named
    api.routes, api.integrations = routes, integrations


def check_integration(region: Region, integration: Record) -> None:
    """Raise BadRequest unless an integration is one with a function."""
    kind = integration.get("IntegrationType")
    if kind != "AWS_PROXY":
        raise BadRequest(f"The local AWS does not reproduce the integration type {kind}.")
    read_target(integration, region.name)


def _whole_integration(integration_id: str, given: Record) -> Record:
    defaults = {"ConnectionType": "INTERNET", "IntegrationMethod": "POST", "TimeoutInMillis": 30000}
    return {**defaults, **given, "IntegrationId": integration_id}


def _whole_route(route_id: str, key: str, target: str | None) -> Record:
    record = {"ApiKeyRequired": False, "AuthorizationType": "NONE", "RouteKey": key}
    return {**record, "RouteId": route_id, **({"Target": target} if target else {})}


def delete_api(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Delete an API with all that it has."""
    api = find_api(region, request)
    del region.apis[api.api_id]
    for stage in api.stages.values():
        if stage.log is not None:
            stage.log.close()
    return {}


def create_route(region: Region, request: dict[str, Any]) -> Record:
    """Add a route."""
    api, key = find_api(region, request), request["RouteKey"]
    read_route_key(key)
    _check_route(api, key, request.get("Target"), "")
    route_id = new_id()
    record = _whole_route(route_id, key, request.get("Target")) | _told(request)
    api.routes[route_id] = record
    deploy_automatically(region, api)
    return record


def _told(request: dict[str, Any]) -> Record:
    """Return what a request says of a thing itself, without the ids that lead to it."""
    ids = ("ApiId", "RouteId", "IntegrationId", "StageName")
    return {name: value for name, value in request.items() if name not in ids}


def _check_route(api: Api, key: str, target: str | None, own_id: str) -> None:
    if any(r["RouteKey"] == key and r["RouteId"] != own_id for r in api.routes.values()):
        raise Conflict(f"Route with key {key} already exists for this API")
    if target is not None and not target.startswith(_TARGET):
        raise BadRequest(f"Target {target!r} is none; expected integrations/ and an id.")
    if target is not None:
        _part(api.integrations, "Integration", target.removeprefix(_TARGET))


def update_route(region: Region, request: dict[str, Any]) -> Record:
    """Change a route."""
    api = find_api(region, request)
    record = _part(api.routes, "Route", request["RouteId"])
    new = {**record, **_told(request)}
    read_route_key(new["RouteKey"])
    _check_route(api, new["RouteKey"], new.get("Target"), record["RouteId"])
    api.routes[record["RouteId"]] = new
    deploy_automatically(region, api)
    return new


def create_integration(region: Region, request: dict[str, Any]) -> Record:
    """Add an integration."""
    api = find_api(region, request)
    check_integration(region, request)
    record = _whole_integration(new_id(), _told(request))
    api.integrations[record["IntegrationId"]] = record
    return record


def update_integration(region: Region, request: dict[str, Any]) -> Record:
    """Change an integration."""
    api = find_api(region, request)
    record = _part(api.integrations, "Integration", request["IntegrationId"])
    new = {**record, **_told(request)}
    check_integration(region, new)
    api.integrations[record["IntegrationId"]] = new
    deploy_automatically(region, api)
    return new


def delete_route(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a route away."""
    api = find_api(region, request)
    del api.routes[_part(api.routes, "Route", request["RouteId"])["RouteId"]]
    deploy_automatically(region, api)
    return {}


def delete_integration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take an integration away that no route has."""
    api = find_api(region, request)
    found = _part(api.integrations, "Integration", request["IntegrationId"])["IntegrationId"]
    if any(route.get("Target") == _TARGET + found for route in api.routes.values()):
        raise Conflict("Cannot delete Integration, it is used by a route.")
    del api.integrations[found]
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateApi": create_api,
    "UpdateApi": update_api,
    "ImportApi": import_api,
    "ReimportApi": reimport_api,
    "GetApi": lambda region, request: find_api(region, request).record,
    "GetApis": lambda region, request: {"Items": [api.record for api in region.apis.values()]},
    "DeleteApi": delete_api,
    "CreateRoute": create_route,
    "UpdateRoute": update_route,
    "GetRoute": lambda region, request: _part(
        find_api(region, request).routes, "Route", request["RouteId"]
    ),
    "GetRoutes": lambda region, request: {"Items": [*find_api(region, request).routes.values()]},
    "DeleteRoute": delete_route,
    "CreateIntegration": create_integration,
    "UpdateIntegration": update_integration,
    "GetIntegration": lambda region, request: _part(
        find_api(region, request).integrations, "Integration", request["IntegrationId"]
    ),
    "GetIntegrations": lambda region, request: {
        "Items": [*find_api(region, request).integrations.values()]
    },
    "DeleteIntegration": delete_integration,
}
