"""Decide whether a route lets a request pass, and describe its caller for the function."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.wrappers import Request

from local_aws.apigateway.errors import Denied
from local_aws.apigateway.events import ApiRequest
from local_aws.apigateway.security.guards import IAM, Guard
from local_aws.apigateway.security.tokens import InvalidToken, as_texts, scopes_of, verify
from local_aws.errors import AccessDenied
from local_aws.permissions.checks import Identity, check, find_identity
from local_aws.settings import ACCOUNT_ID

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[A-Za-z0-9]{1,128})/(?P<date>[0-9]{8})"
    r"/(?P<region>[a-z0-9-]+)/execute-api/aws4_request, *"
    r"SignedHeaders=(?P<names>[a-z0-9_;-]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_TIME = "%Y%m%dT%H%M%SZ"
_SECONDS = 300  # between the clock of the caller and ours
_BEARER = "Bearer "


class InvalidSignature(Exception):
    """A request is not signed by anybody known here; the message says why."""


class _Signer(SigV4Auth):
    """Signs the headers that the caller signed, which may be others than botocore's."""

    def headers_to_sign(self, request: AWSRequest) -> Any:
        """Return all headers of the request."""
        return request.headers


def signer_of(method: str, url: str, sent: Mapping[str, str], body: bytes, region: str) -> Identity:
    """Return who signed a request for a region; raise InvalidSignature if that is unknown.

    The address and the headers are those that were sent.
    """
    headers = {name.lower(): value for name, value in sent.items()}
    match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if match is None:
        raise InvalidSignature("the Authorization header is not a signature for execute-api")
    timestamp = headers.get("x-amz-date", "")
    _check_time(timestamp, match["date"])
    if match["region"] != region:
        raise InvalidSignature(f"the request is signed for another region than {region}")
    names = match["names"].split(";")
    needed = {"host", *(name for name in headers if name.startswith("x-amz-"))}
    if not needed <= set(names) <= headers.keys():
        raise InvalidSignature("the signature leaves a header out, or has one that was not sent")
    digest = hashlib.sha256(body).hexdigest()
    if headers.get("x-amz-content-sha256", digest) != digest:
        raise InvalidSignature("x-amz-content-sha256 is not the sha256 of the body")
    identity = find_identity(match["key"], headers.get("x-amz-security-token"))
    if identity is None:
        raise InvalidSignature("the access key or the session token is unknown, or has ended")
    signed = AWSRequest(method, url, {name: headers[name] for name in names}, body)
    signed.context["timestamp"] = timestamp
    signer = _Signer(Credentials(identity.key, identity.secret), "execute-api", region)
    text = signer.string_to_sign(signed, signer.canonical_request(signed))
    if "#" in url or not hmac.compare_digest(signer.signature(text, signed), match["signature"]):
        raise InvalidSignature("the signature does not match the request")
    return identity


def _check_time(timestamp: str, date: str) -> None:
    try:
        seconds = datetime.now(UTC) - datetime.strptime(timestamp, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidSignature("x-amz-date is missing, or is not a time") from error
    if not timestamp.startswith(date) or abs(seconds.total_seconds()) > _SECONDS:
        raise InvalidSignature("the request was not signed in the last five minutes")


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
