"""A request to an HTTP API, and the event that a function receives (payload format 2.0 or 1.0).

An HTTP API passes the path on decoded (unlike a REST API), including the name of a named stage.
"""

import base64
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from local_aws.apigateway.routing import Match

# Measured on AWS (ministackorg/ministack pull request 766). All other types are binary, even forms.
_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")
Event = dict[str, Any]
# All of them need an authorizer or a client certificate.
_UNKNOWN_IDENTITY = (
    "accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider",
    "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId",
    "user", "userArn",
)  # fmt: skip
# Format 1.0 writes the names of these headers so, and those of all others in lower case.
_NAMES = {
    name.lower(): name
    for name in (
        "Content-Length", "Host", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For",
        "X-Forwarded-Port", "X-Forwarded-Proto",
    )
}  # fmt: skip


def _new_request_id() -> str:
    """Return an id in API Gateway's form: 15 characters and an equals sign."""
    return base64.b64encode(secrets.token_bytes(11)).decode()[:15].replace("/", "-") + "="


@dataclass(frozen=True)
class ApiRequest:
    """One request, with header names in lower case and repeated headers joined by commas."""

    method: str
    path: str  # as it was sent, including the name of the stage, without the query string
    query: str
    headers: dict[str, str]
    body: bytes
    source_ip: str
    domain: str
    sent: Sequence[tuple[str, str]] = ()  # the headers, one by one
    protocol: str = "HTTP/1.1"
    request_id: str = field(default_factory=_new_request_id)
    epoch_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def values(self, name: str) -> list[str]:
        """Return the values of a header, one by one if it was sent several times."""
        text = self.headers[name]
        values = [value for key, value in self.sent if key.lower() == name]
        return values if values and ",".join(values) == text else [text]

    @property
    def cookies(self) -> list[str]:
        """The cookies of the Cookie header, one by one."""
        cookies = self.headers.get("cookie", "").split(";")
        return [cookie.strip() for cookie in cookies if cookie.strip()]

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The decoded values of the query string by name, in their order."""
        return parse_qs(self.query, keep_blank_values=True, errors="replace")

    @property
    def time_text(self) -> str:
        """The time of the request in the format of access logs."""
        return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.epoch_ms / 1000))

    @property
    def user_agent(self) -> str:
        """The name of the client program."""
        return self.headers.get("user-agent", "")

    def encoded_body(self) -> tuple[str, bool]:
        """Return the body as an event contains it, and whether that is base64."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith("text/") or kind in _TEXT_TYPES:
            try:
                return self.body.decode(), False
            except UnicodeDecodeError:
                pass  # a body that is not valid text is binary
        return base64.b64encode(self.body).decode(), bool(self.body)


@dataclass(frozen=True)
class Place:
    """The stage of the API that received a request, and the caller that it let pass."""

    account_id: str
    api_id: str
    stage: str
    variables: dict[str, str]
    caller: Event | None = None  # as format 2.0 describes one that an authorizer let pass


def build_event(request: ApiRequest, match: Match, place: Place) -> Event:
    """Return the event in the format of the route's integration."""
    build = _event_2 if match.target.payload_format == "2.0" else _event_1
    return build(request, match, place)


def _event_2(request: ApiRequest, match: Match, place: Place) -> Event:
    path = unquote(request.path)
    event: Event = {
        "version": "2.0",
        "routeKey": match.route_key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": {name: text for name, text in request.headers.items() if name != "cookie"},
        "requestContext": {
            **_shared_context(request, place),
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.user_agent,
            },
            "routeKey": match.route_key,
            "time": request.time_text,
            "timeEpoch": request.epoch_ms,
        },
    }
    body, is_base64 = request.encoded_body()
    optional = {
        "cookies": request.cookies,
        "queryStringParameters": {n: ",".join(values) for n, values in request.parameters.items()},
        "pathParameters": match.path_parameters,
        "stageVariables": place.variables,
        "body": body,
    }
    event |= {name: value for name, value in optional.items() if value}
    if place.caller is not None:
        event["requestContext"]["authorizer"] = place.caller
    return event | {"isBase64Encoded": is_base64}


def _shared_context(request: ApiRequest, place: Place) -> Event:
    return {
        "accountId": place.account_id,
        "apiId": place.api_id,
        "domainName": request.domain,
        "domainPrefix": request.domain.partition(".")[0],
        "requestId": request.request_id,
        "stage": place.stage,
    }


def _event_1(request: ApiRequest, match: Match, place: Place) -> Event:
    path, parameters = unquote(request.path), request.parameters
    resource = match.route_key.partition(" ")[2] or match.route_key
    identity = {"sourceIp": request.source_ip, "userAgent": request.user_agent}
    caller = place.caller or {}
    if "iam" in caller:
        iam = {
            **caller["iam"],
            "caller": caller["iam"]["callerId"],
            "user": caller["iam"]["userId"],
        }
        identity |= {name: iam[name] for name in _UNKNOWN_IDENTITY if name in iam}
    authorizer = {"authorizer": caller["jwt"]} if "jwt" in caller else {}
    body, is_base64 = request.encoded_body()
    headers = {_NAMES.get(name, name): request.values(name) for name in request.headers}
    return {
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "requestContext": {
            **_shared_context(request, place),
            **authorizer,
            "extendedRequestId": request.request_id,
            "httpMethod": request.method,
            "identity": {**dict.fromkeys(_UNKNOWN_IDENTITY), **identity},
            "path": path,
            "protocol": request.protocol,
            "requestTime": request.time_text,
            "requestTimeEpoch": request.epoch_ms,
            "resourceId": match.route_key,
            "resourcePath": resource,
        },
        "pathParameters": match.path_parameters or None,
        "stageVariables": place.variables or None,
        "body": body or None,
        "isBase64Encoded": is_base64,
    }
