"""The operations of apigatewayv2 create, change, describe, and refuse."""

import json

import pytest
from botocore import xform_name
from moto.core.utils import get_service_model

from local_aws.apigateway.api import OPERATIONS
from local_aws.tests.account import refusal
from local_aws.tests.apigateway.http_apis import ECHO, function
from local_aws.tests.cloudformation.stacks import resource

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:none"
PROXY = {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "2.0"}


def document(uri=FUNCTION, **paths):
    """Return an OpenAPI document whose operations all invoke one function."""
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "payloadFormatVersion": "2.0",
        "uri": uri,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "an api", "version": "1", "description": "d"},
        "tags": [{"name": "kind", "x-amazon-apigateway-tag-value": "small"}],
        "paths": {
            path: {
                method: {
                    "operationId": f"op{number}",
                    "responses": {"200": {"description": "fine"}},
                    "x-amazon-apigateway-integration": integration,
                }
                for number, method in enumerate(methods)
            }
            for path, methods in paths.items()
        },
    }


def route_keys(apis, api_id: str) -> set[str]:
    return {route["RouteKey"] for route in apis.client.get_routes(ApiId=api_id)["Items"]}


def test_api_is_described_as_it_was_created(apis):
    gateway, members = apis.client, {"Name": "one", "Description": "d", "Tags": {"a": "b"}}
    api_id = gateway.create_api(ProtocolType="HTTP", **members)["ApiId"]
    described = gateway.get_api(ApiId=api_id)
    assert members.items() <= described.items()
    assert described["ApiEndpoint"] == f"https://{api_id}.execute-api.us-east-1.amazonaws.com"
    gateway.update_api(ApiId=api_id, Name="two")
    assert gateway.get_api(ApiId=api_id)["Name"] == "two"
    gateway.delete_api(ApiId=api_id)
    assert refusal(gateway.get_api, ApiId=api_id)[0] == "NotFoundException"


@pytest.mark.observes("not-api-members")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DisableExecuteApiEndpoint": True}, "DisableExecuteApiEndpoint of CreateApi"),
        ({"ProtocolType": "WEBSOCKET"}, "WEBSOCKET as the ProtocolType"),
        ({"CredentialsArn": "arn:aws:iam::123456789012:role/x"}, "CredentialsArn of CreateApi"),
    ],
)
def test_member_that_is_not_reproduced_is_refused_by_name(apis, changes, reason):
    code, message = refusal(
        apis.client.create_api, **({"Name": "x", "ProtocolType": "HTTP"} | changes)
    )
    assert code == "BadRequestException"
    assert message.startswith(f"The local AWS does not reproduce {reason}")


def test_operation_that_is_not_reproduced_is_refused_by_name(apis):
    for operation in ("GetModels", "GetDeployments"):
        code, message = refusal(getattr(apis.client, xform_name(operation)), ApiId="x")
        assert code == "BadRequestException"
        assert message == f"The local AWS does not reproduce the operation {operation}."
    assert set(OPERATIONS) < set(get_service_model("apigatewayv2").operation_names)


@pytest.mark.observes("api-openapi")
def test_definition_creates_routes_and_another_one_replaces_them(apis):
    first = document(**{"/predict": ["post"], "/items/{id}": ["get", "delete"]})
    first["paths"]["/$default"] = {
        "x-amazon-apigateway-any-method": first["paths"]["/predict"]["post"]
    }
    imported = apis.client.import_api(Body=json.dumps(first))
    assert (imported["Name"], imported["Version"], imported["Description"]) == ("an api", "1", "d")
    assert imported["Tags"] == {"kind": "small"}
    api_id = imported["ApiId"]
    keys = {"POST /predict", "GET /items/{id}", "DELETE /items/{id}", "$default"}
    assert route_keys(apis, api_id) == keys
    apis.client.reimport_api(ApiId=api_id, Body=json.dumps(document(**{"/health": ["get"]})))
    assert route_keys(apis, api_id) == {"GET /health"}
    (integration,) = apis.client.get_integrations(ApiId=api_id)["Items"]
    assert integration["IntegrationUri"] == FUNCTION
    assert integration["PayloadFormatVersion"] == "2.0"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "Unable to parse"),
        ("a: [", "Unable to parse"),
        ("[]", "it is not a map"),
        ('{"swagger": "2.0"}', "openapi must be 3.0 or 3.1"),
        ('{"openapi": "3.0.1"}', "info.title is required"),
        ('{"openapi": "3.0.1", "info": {"title": "x"}}', "paths is required"),
        ('{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/a": {"get": {}}}}',
         "has no x-amazon-apigateway-integration"),
        ('{"openapi": "3.0.1", "x-amazon-apigateway-policy": {"Version": "2012-10-17"}}',
         "does not reproduce x-amazon-apigateway-policy"),
    ],
)  # fmt: skip
def test_invalid_definition_is_refused(apis, body, reason):
    code, message = refusal(apis.client.import_api, Body=body)
    assert code == "BadRequestException"
    assert reason in message


@pytest.mark.observes("api-routes")
def test_route_needs_an_integration_and_a_unique_key(apis):
    api_id = apis.create_empty()
    gateway = apis.client
    integration = gateway.create_integration(ApiId=api_id, **PROXY)["IntegrationId"]
    target = f"integrations/{integration}"
    route = gateway.create_route(ApiId=api_id, RouteKey="GET /a", Target=target)
    twice = refusal(gateway.create_route, ApiId=api_id, RouteKey="GET /a", Target=target)
    assert twice[0] == "ConflictException"
    missing = refusal(
        gateway.create_route, ApiId=api_id, RouteKey="GET /b", Target="integrations/x"
    )
    assert missing[0] == "NotFoundException"
    wrong = refusal(gateway.create_route, ApiId=api_id, RouteKey="FETCH /b")
    assert "not formatted properly" in wrong[1]
    in_use = refusal(gateway.delete_integration, ApiId=api_id, IntegrationId=integration)
    assert in_use[0] == "ConflictException"
    gateway.update_route(ApiId=api_id, RouteId=route["RouteId"], RouteKey="GET /c")
    assert route_keys(apis, api_id) == {"GET /c"}
    gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    gateway.delete_integration(ApiId=api_id, IntegrationId=integration)
    assert gateway.get_integrations(ApiId=api_id)["Items"] == []


@pytest.mark.observes("not-api-deployments")
def test_stage_is_described_as_it_was_created_and_invalid_members_are_refused(apis):
    api_id, gateway = apis.create_empty(), apis.client
    throttle = {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1.5}
    members = {"AutoDeploy": True, "DefaultRouteSettings": throttle}
    gateway.create_stage(ApiId=api_id, StageName="$default", **members)
    assert members.items() <= gateway.get_stage(ApiId=api_id, StageName="$default").items()
    again = refusal(gateway.create_stage, ApiId=api_id, StageName="$default")
    assert again[0] == "ConflictException"
    for changes, reason in [
        ({"StageName": "a b"}, "Stage name"),
        ({"DefaultRouteSettings": {"DetailedMetricsEnabled": True}}, "DetailedMetricsEnabled"),
        ({"RouteSettings": {"GET /a": throttle}}, "RouteSettings"),
        ({"DeploymentId": "none"}, "does not reproduce DeploymentId"),
        ({"AutoDeploy": False}, "does not reproduce a stage without AutoDeploy"),
        ({"AccessLogSettings": {"DestinationArn": "x", "Format": "$context.requestId"}}, "ARN"),
    ]:
        request = {"ApiId": api_id, "StageName": "other", "AutoDeploy": True} | changes
        assert reason in refusal(gateway.create_stage, **request)[1]
    gateway.delete_stage(ApiId=api_id, StageName="$default")
    assert gateway.get_stages(ApiId=api_id)["Items"] == []


@pytest.mark.observes("api-pages")
def test_lists_are_divided_into_pages(apis):
    api_id = apis.create_empty()
    for number in range(3):
        apis.client.create_stage(ApiId=api_id, StageName=f"s{number}", AutoDeploy=True)
    pages = apis.client.get_paginator("get_stages").paginate(
        ApiId=api_id, PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["Items"]) for page in pages]
    assert sizes == [2, 1]
    # An empty page would be followed by the same page forever.
    code, _ = refusal(apis.client.get_stages, ApiId=api_id, MaxResults="0")
    assert code == "BadRequestException"


def test_stack_update_changes_the_definition_of_its_api(apis, stacks):
    def resources(**paths):
        body = document({"Fn::Sub": "${Function.Arn}"}, **paths)
        return {**function(ECHO), "Api": resource("AWS::ApiGatewayV2::Api", Body=body)}

    name = stacks.create(resources(**{"/a": ["get"]}))
    api_id = stacks.physical(name)["Api"]
    assert route_keys(apis, api_id) == {"GET /a"}
    stacks.update(name, resources(**{"/b": ["post"]}))
    assert stacks.physical(name)["Api"] == api_id
    assert route_keys(apis, api_id) == {"POST /b"}
