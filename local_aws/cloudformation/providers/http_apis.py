"""AWS::ApiGatewayV2::Api, Stage, Route, Integration, and Authorizer."""

import json
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, change_tags, only
from local_aws.cloudformation.records import Properties

_MISSING = ("NotFoundException",)
_DESCRIPTION = ("Name", "Description", "Version", "CorsConfiguration")
_NO_GUARD: Properties = {"AuthorizationType": "NONE", "AuthorizationScopes": []}


def _create_api(context: Context, properties: Properties) -> str:
    gateway = context.client("apigatewayv2")
    body = _body(context, properties)
    if body is not None:  # the local AWS always fails on warnings
        return str(gateway.import_api(Body=body)["ApiId"])
    members = {key: value for key, value in properties.items() if key != "FailOnWarnings"}
    return str(gateway.create_api(**members)["ApiId"])


def _body(context: Context, properties: Properties) -> str | None:
    location = properties.get("BodyS3Location")
    if location is not None:
        only("BodyS3Location", location, "Bucket", "Key", "Version")
        version = {"VersionId": location["Version"]} if "Version" in location else {}
        names = {"Bucket": location["Bucket"], "Key": location["Key"]}
        content = context.client("s3").get_object(**names, **version)["Body"]
        return str(content.read().decode())
    body = properties.get("Body")
    return body if body is None or isinstance(body, str) else json.dumps(body)


def _apply_api(context: Context, api_id: str, old: Properties, new: Properties) -> None:
    gateway = context.client("apigatewayv2")
    body = _body(context, new)
    if old and body is None and _body(context, old) is not None:
        raise ResourceFailure("The local AWS does not reproduce removing the Body of an Api.")
    if old and body is not None and body != _body(context, old):
        gateway.reimport_api(ApiId=api_id, Body=body)
    if "CorsConfiguration" in old and "CorsConfiguration" not in new:
        gateway.delete_cors_configuration(ApiId=api_id)
    description = {key: new[key] for key in _DESCRIPTION if key in new}
    if description:
        gateway.update_api(ApiId=api_id, **description)
    _change_tags(context, f"apis/{api_id}", old, new)


def _change_tags(context: Context, path: str, old: Properties, new: Properties) -> None:
    gateway = context.client("apigatewayv2")
    arn = f"arn:aws:apigateway:{context.region.name}::/{path}"
    change_tags(gateway, {"ResourceArn": arn}, old, new)


def _api_attributes(context: Context, api_id: str, properties: Properties) -> dict[str, Any]:
    api = context.client("apigatewayv2").get_api(ApiId=api_id)
    arn = context.arn("execute-api", api_id)
    return {"ApiId": api_id, "ApiEndpoint": api["ApiEndpoint"], "ExecuteApiArn": arn}


def _create_stage(context: Context, properties: Properties) -> str:
    context.client("apigatewayv2").create_stage(**properties)
    return str(properties["StageName"])


def _apply_stage(context: Context, name: str, old: Properties, new: Properties) -> None:
    if not old:
        return
    gateway = context.client("apigatewayv2")
    if "AccessLogSettings" in old and "AccessLogSettings" not in new:
        gateway.delete_access_log_settings(ApiId=new["ApiId"], StageName=name)
    empty: Properties = {"DefaultRouteSettings": {}, "StageVariables": {}}
    members = {key: value for key, value in {**empty, **new}.items() if key != "Tags"}
    gateway.update_stage(**members)
    _change_tags(context, f"apis/{new['ApiId']}/stages/{name}", old, new)


def _part(kind: str, empty: Properties | None = None) -> Provider:
    """Return the provider of a part of an API that has an id of its own.

    `empty` are the values of properties that a template no longer has.
    """
    operation, key = kind.lower(), f"{kind}Id"

    def call(verb: str, context: Context, members: Properties) -> Any:
        return getattr(context.client("apigatewayv2"), f"{verb}_{operation}")(**members)

    def apply(context: Context, part_id: str, old: Properties, new: Properties) -> None:
        if old:
            call("update", context, {key: part_id, **(empty or {}), **new})

    return Provider(
        create=lambda context, properties: str(call("create", context, properties)[key]),
        apply=apply,
        attributes=lambda _, part_id, properties: {key: part_id},
        delete=lambda context, part_id, properties: call(
            "delete", context, {"ApiId": properties["ApiId"], key: part_id}
        ),
        missing=_MISSING,
    )


PROVIDERS = {
    "AWS::ApiGatewayV2::Api": Provider(
        properties=frozenset(
            {*_DESCRIPTION, "Body", "BodyS3Location", "FailOnWarnings", "ProtocolType", "Tags"}
        ),
        create=_create_api,
        apply=_apply_api,
        attributes=_api_attributes,
        delete=lambda context, api_id, _: context.client("apigatewayv2").delete_api(ApiId=api_id),
        missing=_MISSING,
    ),
    "AWS::ApiGatewayV2::Stage": Provider(
        create=_create_stage,
        apply=_apply_stage,
        delete=lambda context, name, properties: context.client("apigatewayv2").delete_stage(
            ApiId=properties["ApiId"], StageName=name
        ),
        missing=_MISSING,
    ),
    "AWS::ApiGatewayV2::Route": _part("Route", empty=_NO_GUARD),
    "AWS::ApiGatewayV2::Authorizer": _part("Authorizer"),
    "AWS::ApiGatewayV2::Integration": _part("Integration"),
}
