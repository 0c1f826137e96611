"""Decide whether a route lets a request pass, and describe its caller for the function."""

from typing import Any

from werkzeug.wrappers import Request

from local_aws.apigateway.errors import Denied
from local_aws.apigateway.events import ApiRequest
from local_aws.apigateway.security.guards import IAM, Guard
from local_aws.apigateway.security.signatures import InvalidSignature, signer_of
from local_aws.apigateway.security.tokens import InvalidToken, as_texts, scopes_of, verify
from local_aws.errors import AccessDenied
from local_aws.permissions.checks import check
from local_aws.settings import ACCOUNT_ID

_BEARER = "Bearer "


def authorize(
    guard: Guard, request: ApiRequest, sent: Request, region: str, route_arn: str
) -> dict[str, Any]:
    """Return the caller as payload format 2.0 describes it; raise Denied if it may not pass.

    `sent` is the request as the client signed it.
    """
    if guard.kind == IAM:
        return {"iam": _iam(request, sent, region, route_arn)}
    return {"jwt": _jwt(guard, request)}


def _iam(request: ApiRequest, sent: Request, region: str, route_arn: str) -> dict[str, Any]:
    url = f"http://{sent.host}{sent.environ.get('REQUEST_URI', sent.full_path)}"
    headers = dict(sent.headers)
    try:
        identity = signer_of(request.method, url, headers, request.body, region)
        check(headers, "execute-api:Invoke", route_arn)
    except (InvalidSignature, AccessDenied) as error:
        raise Denied(403, "Forbidden", str(error)) from error
    return {
        "accessKey": identity.key,
        "accountId": ACCOUNT_ID,
        "callerId": identity.id,
        "cognitoIdentity": None,
        "principalOrgId": "aws:PrincipalOrgID",  # as AWS sends it without an organization
        "userArn": identity.arn,
        "userId": identity.id,
    }


def _jwt(guard: Guard, request: ApiRequest) -> dict[str, Any]:
    token = _token(guard, request)
    if not token:
        raise Denied(401, "Unauthorized", "the request has no token", "Bearer")
    scopes = " ".join(guard.scopes)
    try:
        claims = verify(token, guard)
    except InvalidToken as error:
        challenge = f'Bearer scope="{scopes}" error="invalid_token" error_description="{error}"'
        raise Denied(401, "Unauthorized", str(error), challenge) from error
    granted = [scope for scope in scopes_of(claims) if scope in guard.scopes]
    if guard.scopes and not granted:
        challenge = f'Bearer scope="{scopes}" error="insufficient_scope"'
        raise Denied(403, "Forbidden", "the token has no scope of the route", challenge)
    return {"claims": as_texts(claims), "scopes": granted or None}


def _token(guard: Guard, request: ApiRequest) -> str:
    """Return the token of a request, which may follow the word Bearer, or ""."""
    _, place, name = guard.source.split(".", 2)
    if place == "header":
        return request.headers.get(name.lower(), "").removeprefix(_BEARER).strip()
    return request.parameters.get(name, [""])[0].removeprefix(_BEARER)
