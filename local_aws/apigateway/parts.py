"""The parts of an API that have an id: routes, integrations, and authorizers."""

from collections.abc import Callable
from typing import Any

from local_aws.apigateway.errors import BadRequest, Conflict, NotFound
from local_aws.apigateway.records import (
    AUTHORIZER,
    INTEGRATION,
    ROUTE,
    Api,
    Operation,
    Record,
    Region,
    find_api,
    new_id,
)
from local_aws.apigateway.routing import Router, read_route_key, read_target
from local_aws.apigateway.security.guards import JWT, check_authorizer, guard_of

TARGET = "integrations/"
_DEFAULTS: dict[str, Record] = {
    ROUTE: {"ApiKeyRequired": False, "AuthorizationType": "NONE"},
    INTEGRATION: {
        "ConnectionType": "INTERNET",
        "IntegrationMethod": "POST",
        "TimeoutInMillis": 30000,
    },
    AUTHORIZER: {},
}


def serve(region: Region, api: Api) -> None:
    """Replace the router of an API, so that a route and what protects it change at once."""
    routes = []
    for route in api.parts[ROUTE].values():
        integration = api.parts[INTEGRATION].get(route.get("Target", "").removeprefix(TARGET))
        if integration is not None:  # as on AWS, a route without a target is not found
            target = read_target(integration, region.name)
            routes.append((route["RouteKey"], target, guard_of(route, api.parts[AUTHORIZER])))
    api.router = Router(routes)


def put_new(region: Region, api: Api, kind: str, members: Record) -> Record:
    """Add a part to an API, which does not serve it yet; raise an error if it is not valid."""
    return _put(region, api, kind, {**_DEFAULTS[kind], f"{kind}Id": new_id(), **members})


def _put(region: Region, api: Api, kind: str, record: Record) -> Record:
    _CHECKS[kind](region, api, record)
    api.parts[kind][record[f"{kind}Id"]] = record
    return record


def _find(api: Api, kind: str, part_id: str) -> Record:
    if part_id not in api.parts[kind]:
        raise NotFound(f"Unable to find {kind} by ID {part_id} within the specified API.")
    return api.parts[kind][part_id]


def _check_route(region: Region, api: Api, record: Record) -> None:
    key, target = record["RouteKey"], record.get("Target")
    read_route_key(key)
    if any(
        route["RouteKey"] == key and route["RouteId"] != record["RouteId"]
        for route in api.parts[ROUTE].values()
    ):
        raise Conflict(f"Route with key {key} already exists for this API")
    if target is not None:
        if not target.startswith(TARGET):
            raise BadRequest(f"Target {target!r} is not valid; expected {TARGET} and an id.")
        _find(api, INTEGRATION, target.removeprefix(TARGET))
    if record["AuthorizationType"] != JWT:
        record.pop("AuthorizerId", None)
    elif record.get("AuthorizerId") not in api.parts[AUTHORIZER]:
        raise BadRequest(
            "Invalid authorizer ID specified. Setting the authorization type to JWT requires a "
            "valid JWT authorizer."
        )


def _check_integration(region: Region, api: Api, record: Record) -> None:
    kind = record.get("IntegrationType")
    if kind != "AWS_PROXY":
        raise BadRequest(f"The local AWS does not reproduce the integration type {kind}.")
    read_target(record, region.name)


_CHECKS: dict[str, Callable[[Region, Api, Record], None]] = {
    ROUTE: _check_route,
    INTEGRATION: _check_integration,
    AUTHORIZER: lambda region, api, record: check_authorizer(record),
}


def _operations(kind: str) -> dict[str, Operation]:
    """Return the operations on the parts of a kind."""
    key = f"{kind}Id"

    def create(region: Region, request: dict[str, Any]) -> Record:
        api = find_api(region, request)
        record = put_new(region, api, kind, _members(request))
        serve(region, api)
        return record

    def update(region: Region, request: dict[str, Any]) -> Record:
        api = find_api(region, request)
        old = _find(api, kind, request[key])
        record = _put(region, api, kind, {**old, **_members(request)})
        serve(region, api)
        return record

    def delete(region: Region, request: dict[str, Any]) -> Record:
        api, part_id = find_api(region, request), request[key]
        _find(api, kind, part_id)
        for route in api.parts[ROUTE].values():
            if part_id in (route.get("AuthorizerId"), route.get("Target", "").removeprefix(TARGET)):
                raise Conflict(f"Cannot delete {kind}, it is used by a route.")
        del api.parts[kind][part_id]
        serve(region, api)
        return {}

    return {
        f"Create{kind}": create,
        f"Update{kind}": update,
        f"Delete{kind}": delete,
        f"Get{kind}": lambda region, request: _find(find_api(region, request), kind, request[key]),
        f"Get{kind}s": lambda region, request: {
            "Items": [*find_api(region, request).parts[kind].values()]
        },
    }


def _members(request: dict[str, Any]) -> Record:
    return {name: value for name, value in request.items() if name != "ApiId"}


OPERATIONS = _operations(ROUTE) | _operations(INTEGRATION) | _operations(AUTHORIZER)
