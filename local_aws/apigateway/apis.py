"""The operations on APIs, and on the tags of APIs and stages."""

import re
from datetime import UTC, datetime
from typing import Any

from local_aws.apigateway.errors import BadRequest, NotFound
from local_aws.apigateway.openapi import Definition, read_definition
from local_aws.apigateway.parts import TARGET, put_new, serve
from local_aws.apigateway.records import (
    AUTHORIZER,
    INTEGRATION,
    ROUTE,
    Api,
    Operation,
    Record,
    Region,
    find_api,
    new_id,
)
from local_aws.apigateway.routing import DEFAULT
from local_aws.apigateway.security.cors import check_cors
from local_aws.apigateway.stages import create_stage, find_stage

_ARN = re.compile(
    r"arn:aws:apigateway:[a-z0-9-]+::/apis/(?P<ApiId>[a-z0-9]+)(/stages/(?P<StageName>[^/]+))?"
)
_API_DEFAULTS = {
    "ApiKeySelectionExpression": "$request.header.x-api-key",
    "DisableExecuteApiEndpoint": False,
    "IpAddressType": "ipv4",
    "RouteSelectionExpression": "$request.method $request.path",
}


def _new_api(region: Region, members: Record) -> Api:
    check_cors(members.get("CorsConfiguration") or {})
    api_id = new_id(10)
    record = {
        **_API_DEFAULTS,
        "ApiId": api_id,
        "ApiEndpoint": f"https://{api_id}.execute-api.{region.name}.amazonaws.com",
        "CreatedDate": datetime.now(UTC),
        "ProtocolType": "HTTP",
        "Tags": {},
        **members,
    }
    return Api(record)


def create_api(region: Region, request: dict[str, Any]) -> Record:
    """Create an API without routes, or with one route to the function of a Target."""
    members = dict(request)
    target, key = members.pop("Target", None), members.pop("RouteKey", None)
    if target is None and key is not None:
        raise BadRequest("RouteKey needs a Target: the ARN of a Lambda function.")
    api = _new_api(region, members)
    if target is not None:
        proxy = {"IntegrationType": "AWS_PROXY", "IntegrationUri": target}
        integration = {**proxy, "PayloadFormatVersion": "2.0"}
        _define(region, api, Definition({}, [(key or DEFAULT, None, integration, {})], {}))
    region.apis[api.api_id] = api
    if target is not None:
        stage = {"ApiId": api.api_id, "StageName": "$default", "AutoDeploy": True}
        create_stage(region, stage)
    return api.record


def _update_api(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    check_cors(request.get("CorsConfiguration") or {})
    api.record |= request
    return api.record


def _delete_cors(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    find_api(region, request).record.pop("CorsConfiguration", None)
    return {}


def _import_api(region: Region, request: dict[str, Any]) -> Record:
    definition = read_definition(request["Body"])
    api = _new_api(region, definition.api)
    _define(region, api, definition)
    region.apis[api.api_id] = api
    return api.record


def _reimport_api(region: Region, request: dict[str, Any]) -> Record:
    api = find_api(region, request)
    definition = read_definition(request["Body"])
    check_cors(definition.api.get("CorsConfiguration") or {})
    _define(region, api, definition)
    api.record.pop("CorsConfiguration", None)
    api.record |= {**definition.api, "Tags": {**api.record["Tags"], **definition.api["Tags"]}}
    return api.record


def _define(region: Region, api: Api, definition: Definition) -> None:
    """Replace the parts of an API by those of a definition if all of them are valid."""
    draft = Api(api.record)
    authorizers = {
        name: _import_authorizer(region, draft, name, members)
        for name, members in definition.authorizers.items()
    }
    for key, operation, integration, security in definition.routes:
        integration_id = put_new(region, draft, INTEGRATION, integration)["IntegrationId"]
        members = {"RouteKey": key, "Target": TARGET + integration_id, **security}
        members |= {"OperationName": operation} if operation else {}
        if "AuthorizerId" in members:  # until now, its name in the document
            members["AuthorizerId"] = authorizers[members["AuthorizerId"]]
        put_new(region, draft, ROUTE, members)
    api.parts = draft.parts
    serve(region, api)


def _import_authorizer(region: Region, api: Api, name: str, members: Record) -> str:
    """Return the id of a new authorizer; AWS may only warn of a bad one, and drop its routes."""
    try:
        return str(put_new(region, api, AUTHORIZER, members)["AuthorizerId"])
    except BadRequest as error:
        raise BadRequest(
            f"Warnings found during import: Unable to create Authorizer '{name}': {error.message}. "
            "Ignoring."
        ) from error


def _delete_api(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    del region.apis[find_api(region, request).api_id]
    return {}


def _tags(region: Region, request: dict[str, Any]) -> dict[str, str]:
    match = _ARN.fullmatch(request["ResourceArn"])
    if match is None:
        raise NotFound(f"Invalid resource ARN {request['ResourceArn']!r}")
    find = find_stage if match["StageName"] else find_api
    tags: dict[str, str] = find(region, match.groupdict()).record["Tags"]
    return tags


def _tag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    _tags(region, request).update(request["Tags"])
    return {}


def _untag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(region, request)
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateApi": create_api,
    "UpdateApi": _update_api,
    "ImportApi": _import_api,
    "ReimportApi": _reimport_api,
    "GetApi": lambda region, request: find_api(region, request).record,
    "GetApis": lambda region, request: {"Items": [api.record for api in region.apis.values()]},
    "DeleteApi": _delete_api,
    "DeleteCorsConfiguration": _delete_cors,
    "TagResource": _tag,
    "UntagResource": _untag,
    "GetTags": lambda region, request: {"Tags": _tags(region, request)},
}
