"""The event that a function gets: payload formats 2.0 and 1.0, as AWS sends them.

An HTTP API hands the path on decoded (unlike a REST API), with a named stage in front.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from local_aws.apigateway.incoming import Event, Incoming, group
from local_aws.apigateway.routing import Match


@dataclass(frozen=True)
class Place:
    """The stage of the API that a request reached."""

    account_id: str
    api_id: str
    stage: str
    variables: dict[str, str]


def build_event(incoming: Incoming, match: Match, place: Place) -> Event:
    """Return the event in the format that the route's integration asks for."""
    if match.target.payload_format == "2.0":
        return _event_2(incoming, match, place)
    return _event_1(incoming, match, place)


def _event_2(incoming: Incoming, match: Match, place: Place) -> Event:
    path = unquote(incoming.path)
    event: Event = {
        "version": "2.0",
        "routeKey": match.route_key,
        "rawPath": path,
        "rawQueryString": incoming.query,
        "headers": {name: text for name, text in incoming.headers.items() if name != "cookie"},
        "requestContext": {
            "accountId": place.account_id,
            "apiId": place.api_id,
            "domainName": incoming.domain,
            "domainPrefix": incoming.domain.partition(".")[0],
            "http": {
                "method": incoming.method,
                "path": path,
                "protocol": incoming.protocol,
                "sourceIp": incoming.source_ip,
                "userAgent": incoming.user_agent,
            },
            "requestId": incoming.request_id,
            "routeKey": match.route_key,
            "stage": place.stage,
            "time": incoming.time_text,
            "timeEpoch": incoming.epoch_ms,
        },
    }
    joined = {name: ",".join(values) for name, values in group(incoming.query_pairs).items()}
    # What is empty is left out, but for the body's mark.
    for key, value in {
        "cookies": incoming.cookies,
        "queryStringParameters": joined,
        "pathParameters": match.path_parameters,
        "stageVariables": place.variables,
    }.items():
        if value:
            event[key] = value
    text, is_base64 = incoming.encoded_body()
    if incoming.body:
        event["body"] = text
    return event | {"isBase64Encoded": is_base64 if incoming.body else False}


def _event_1(incoming: Incoming, match: Match, place: Place) -> Event:
    path, grouped = unquote(incoming.path), group(incoming.query_pairs)
    resource = match.route_key.partition(" ")[2] or match.route_key
    text, is_base64 = incoming.encoded_body()
    return {
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": incoming.method,
        "headers": incoming.headers,
        "multiValueHeaders": {name: [text] for name, text in incoming.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in grouped.items()} or None,
        "multiValueQueryStringParameters": grouped or None,
        "requestContext": {
            "accountId": place.account_id,
            "apiId": place.api_id,
            "domainName": incoming.domain,
            "domainPrefix": incoming.domain.partition(".")[0],
            "extendedRequestId": incoming.request_id,
            "httpMethod": incoming.method,
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAmr": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": incoming.source_ip,
                "user": None,
                "userAgent": incoming.user_agent,
                "userArn": None,
            },
            "path": path,
            "protocol": incoming.protocol,
            "requestId": incoming.request_id,
            "requestTime": incoming.time_text,
            "requestTimeEpoch": incoming.epoch_ms,
            "resourceId": match.route_key,
            "resourcePath": resource,
            "stage": place.stage,
        },
        "pathParameters": match.path_parameters or None,
        "stageVariables": place.variables or None,
        "body": text if incoming.body else None,
        "isBase64Encoded": is_base64 if incoming.body else False,
    }
