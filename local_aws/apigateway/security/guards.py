"""What protects a route, and what its function learns about the caller."""

import re
from dataclasses import dataclass
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.security.issuers import IssuerUnavailable, refresh

IAM, JWT, NONE = "AWS_IAM", "JWT", "NONE"
_SOURCE = re.compile(r"\$request\.(header|querystring)\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Guard:
    """The authorization of a route; all members but the first are for tokens."""

    kind: str
    issuer: str = ""
    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()  # a token needs one of them, if there are any
    source: str = ""  # the place of the token in a request


def guard_of(route: dict[str, Any], authorizers: dict[str, dict[str, Any]]) -> Guard | None:
    """Return what protects a route, or None if anybody may call it."""
    kind = route["AuthorizationType"]
    if kind == NONE:
        return None
    if kind == IAM:
        return Guard(IAM)
    authorizer = authorizers[route["AuthorizerId"]]
    configuration = authorizer["JwtConfiguration"]
    return Guard(
        JWT,
        configuration["Issuer"],
        tuple(configuration["Audience"]),
        tuple(route.get("AuthorizationScopes", ())),
        authorizer["IdentitySource"][0],
    )


def check_authorizer(record: dict[str, Any]) -> None:
    """Raise BadRequest unless an authorizer verifies tokens of an issuer that answers."""
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
