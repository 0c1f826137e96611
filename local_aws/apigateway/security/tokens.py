"""Verify JSON Web Tokens as the JWT authorizers of HTTP APIs do.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

import json
import time
from base64 import urlsafe_b64decode
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from local_aws.apigateway.security.guards import Guard
from local_aws.apigateway.security.issuers import IssuerUnavailable, keys_of

_ALGORITHMS = ("RS256", "RS384", "RS512")
_MAX_TIME = 1e15  # of a claim, in seconds; neither infinity nor NaN is below
Claims = dict[str, Any]


class InvalidToken(Exception):
    """A token does not let its bearer pass; the message says why."""


def verify(token: str, guard: Guard) -> Claims:
    """Return the claims of a token; raise InvalidToken unless the guard accepts it."""
    header = _header(token)
    if header.get("alg") not in _ALGORITHMS:
        raise InvalidToken("the signing method of the token is invalid")
    kid = header.get("kid")
    try:
        key = keys_of(guard.issuer).get(kid) if isinstance(kid, str) else None
    except IssuerUnavailable as error:
        raise InvalidToken("OIDC discovery endpoint communication error") from error
    if key is None:
        raise InvalidToken("the token has no kid of a key of the issuer")
    try:
        claims = jwt.decode(token, key, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidToken("the signature of the token is invalid") from error
    _check_claims(claims, guard)
    return claims


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidToken("the token contains an invalid number of segments")
    try:
        header = json.loads(urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, RecursionError) as error:
        raise InvalidToken("the header of the token is not JSON") from error
    if not isinstance(header, dict):
        raise InvalidToken("the header of the token is not a JSON object")
    return header


def _check_claims(claims: Claims, guard: Guard) -> None:
    if claims.get("iss") != guard.issuer:
        raise InvalidToken("the token does not have a valid issuer")
    audience = claims.get("aud", claims.get("client_id"))  # client_id counts only without aud
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in guard.audiences for one in named):
        raise InvalidToken("the token does not have a valid audience")
    now = time.time()
    if _time(claims.get("exp")) <= now:
        raise InvalidToken("the token has expired")
    if max(_time(claims.get("nbf", now)), _time(claims.get("iat", now))) > now:
        raise InvalidToken("the token is not valid yet")


def _time(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and abs(value) < _MAX_TIME):
        raise InvalidToken("exp, nbf, or iat of the token is not a time")
    return float(value)


def scopes_of(claims: Claims) -> list[str]:
    """Return the scopes of a token, in the claim scope or scp, which is text or a list."""
    value = claims.get("scope", claims.get("scp", ""))
    names = value.split() if isinstance(value, str) else value
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def as_texts(claims: Claims) -> dict[str, str]:
    """Return the claims as a function receives them: as texts, a list as "[a b]"."""
    return {name: _text(value) for name, value in claims.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_text(value[key])}' for key in sorted(value))}]"
    return json.dumps(value)
