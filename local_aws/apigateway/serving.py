"""Let the stages of an API serve its routes as they are now."""

from local_aws.apigateway.integrations import read_target
from local_aws.apigateway.records import Api, Region
from local_aws.apigateway.routing import Router
from local_aws.apigateway.security.guards import guard_of

TARGET = "integrations/"


def serve(region: Region, api: Api) -> None:
    """Replace the router of an API, so that a route and its guard change at once."""
    routes, guards = [], {}
    for route in api.routes.values():
        integration = api.integrations.get(route.get("Target", "").removeprefix(TARGET))
        if integration is not None:  # as on AWS, a route without a target is not found
            routes.append((route["RouteKey"], read_target(integration, region.name)))
            guard = guard_of(route, api.authorizers)
            if guard is not None:
                guards[route["RouteKey"]] = guard
    api.router = Router(routes, guards)
