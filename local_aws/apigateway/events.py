"""The event that a function receives, in the payload formats 2.0 and 1.0.

An HTTP API passes the path on decoded (unlike a REST API), including the name of a named stage.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from local_aws.apigateway.requests import ApiRequest, Event
from local_aws.apigateway.routing import Match

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
