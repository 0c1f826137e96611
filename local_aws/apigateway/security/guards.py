"""What protects a route, and what its function learns about the caller."""

from dataclasses import dataclass
from typing import Any

IAM, JWT, NONE = "AWS_IAM", "JWT", "NONE"


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
