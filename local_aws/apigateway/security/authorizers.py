"""The operations on authorizers, all of which verify tokens."""

import re
from collections.abc import Callable
from typing import Any

from local_aws.apigateway.errors import BadRequest, Conflict, NotFound
from local_aws.apigateway.records import Api, Record, Region, new_id
from local_aws.apigateway.security.guards import JWT
from local_aws.apigateway.security.issuers import IssuerUnavailable, refresh
from local_aws.apigateway.serving import serve
from local_aws.apigateway.stages import find_api

_SOURCE = re.compile(r"\$request\.(header|querystring)\.[A-Za-z0-9_-]+")


def new_authorizer(members: Record) -> Record:
    """Return an authorizer with an id; raise BadRequest unless its issuer answers."""
    record = {**members, "AuthorizerId": new_id(6)}
    _check(record)
    return record


def _check(record: Record) -> None:
    if record.get("AuthorizerType") != JWT:
        raise BadRequest(
            "The local AWS reproduces authorizers of the type JWT only, got "
            f"{record.get('AuthorizerType')!r}."
        )
    sources = record.get("IdentitySource") or []
    if len(sources) != 1 or _SOURCE.fullmatch(sources[0]) is None:
        raise BadRequest(
            f"IdentitySource must be one header or query parameter, got {sources}; for example "
            "$request.header.Authorization."
        )
    configuration = record.get("JwtConfiguration") or {}
    issuer = configuration.get("Issuer", "")
    if not issuer:
        raise BadRequest("Invalid issuer: Issuer can not be empty for JWT Authorizer.")
    if not configuration.get("Audience"):
        raise BadRequest("Audience can not be empty for JWT Authorizer.")
    try:
        refresh(issuer)
    except IssuerUnavailable as error:
        raise BadRequest(
            f"Invalid issuer: {issuer}. Issuer must have a valid discovery endpoint ended with "
            f"'/.well-known/openid-configuration' ({error})"
        ) from error


def find_authorizer(api: Api, authorizer_id: str) -> Record:
    """Return an authorizer of an API; raise NotFound if it does not exist."""
    if authorizer_id not in api.authorizers:
        raise NotFound(f"Invalid Authorizer ID specified {authorizer_id}")
    return api.authorizers[authorizer_id]


def _create_authorizer(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    record = new_authorizer(_members(request))
    api.authorizers[record["AuthorizerId"]] = record
    return record


def _update_authorizer(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    record = {**find_authorizer(api, request["AuthorizerId"]), **_members(request)}
    _check(record)
    api.authorizers[record["AuthorizerId"]] = record
    serve(region, api)
    return record


def _delete_authorizer(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    api = find_api(region, request)
    authorizer_id = find_authorizer(api, request["AuthorizerId"])["AuthorizerId"]
    if any(route.get("AuthorizerId") == authorizer_id for route in api.routes.values()):
        raise Conflict("Cannot delete Authorizer, it is used by a route.")
    del api.authorizers[authorizer_id]
    return {}


def _members(request: dict[str, Any]) -> Record:
    return {name: value for name, value in request.items() if name != "ApiId"}


OPERATIONS: dict[str, Callable[[Region, dict[str, Any]], dict[str, Any]]] = {
    "CreateAuthorizer": _create_authorizer,
    "UpdateAuthorizer": _update_authorizer,
    "GetAuthorizer": lambda region, request: find_authorizer(
        find_api(region, request), request["AuthorizerId"]
    ),
    "GetAuthorizers": lambda region, request: {
        "Items": [*find_api(region, request).authorizers.values()]
    },
    "DeleteAuthorizer": _delete_authorizer,
}
