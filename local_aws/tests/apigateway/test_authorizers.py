"""Authorizers: the operations, OpenAPI documents, and stacks that create them."""

import json

import pytest

from local_aws.tests.account import refusal
from local_aws.tests.apigateway.http_apis import ECHO, api, function
from local_aws.tests.apigateway.issuers import AUDIENCE, running_issuer
from local_aws.tests.apigateway.test_control import PROXY
from local_aws.tests.cloudformation.stacks import resource

SOURCE = "$request.header.Authorization"
FORBIDDEN = b'{"message":"Forbidden"}'


@pytest.fixture(scope="module")
def issuer():
    """Run an issuer."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def configuration(issuer):
    """Return the configuration of an authorizer."""
    return {"Issuer": issuer.url, "Audience": [AUDIENCE]}


@pytest.mark.observes("api-authorizers")
def test_authorizer_is_created_changed_listed_and_deleted(apis, configuration):
    api_id, client = apis.create_empty(), apis.client
    members = {
        "Name": "tokens",
        "AuthorizerType": "JWT",
        "IdentitySource": [SOURCE],
        "JwtConfiguration": configuration,
    }
    created = client.create_authorizer(ApiId=api_id, **members)
    authorizer_id = created["AuthorizerId"]
    assert members.items() <= created.items()
    client.update_authorizer(ApiId=api_id, AuthorizerId=authorizer_id, Name="other")
    described = client.get_authorizer(ApiId=api_id, AuthorizerId=authorizer_id)
    assert (described["Name"], described["JwtConfiguration"]) == ("other", configuration)
    integration = client.create_integration(ApiId=api_id, **PROXY)["IntegrationId"]
    client.create_route(
        ApiId=api_id,
        RouteKey="GET /a",
        Target=f"integrations/{integration}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer_id,
    )
    request = {"ApiId": api_id, "AuthorizerId": authorizer_id}
    assert refusal(client.delete_authorizer, **request)[0] == "ConflictException"
    (route,) = client.get_routes(ApiId=api_id)["Items"]
    client.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    client.delete_authorizer(**request)
    assert client.get_authorizers(ApiId=api_id)["Items"] == []
    assert refusal(client.get_authorizer, **request)[0] == "NotFoundException"


@pytest.mark.observes("api-authorizers")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"AuthorizerType": "REQUEST"}, "REQUEST as the AuthorizerType"),
        ({"IdentitySource": []}, "must be one header or query parameter"),
        ({"IdentitySource": [SOURCE, SOURCE]}, "must be one header or query parameter"),
        ({"IdentitySource": ["$context.path"]}, "must be one header or query parameter"),
        ({"AuthorizerUri": "arn:x"}, "does not reproduce AuthorizerUri"),
    ],
)
def test_authorizer_that_is_not_reproduced_is_refused(apis, configuration, changes, reason):
    members = {"Name": "x", "AuthorizerType": "JWT", "IdentitySource": [SOURCE]} | changes
    code, message = refusal(
        apis.client.create_authorizer,
        ApiId=apis.create_empty(),
        JwtConfiguration=configuration,
        **members,
    )
    assert code in ("BadRequestException", "ValidationException")
    assert reason in message


@pytest.mark.observes("api-authorizers")
def test_route_for_tokens_needs_an_authorizer(apis):
    for changes in ({}, {"AuthorizerId": "missing"}):
        code, message = refusal(
            apis.client.create_route,
            ApiId=apis.create_empty(),
            RouteKey="GET /a",
            AuthorizationType="JWT",
            **changes,
        )
        assert code == "BadRequestException"
        assert "requires a valid JWT authorizer" in message


def document(issuer_url, route_security, **changes):
    """Return an OpenAPI document with one route, an authorizer of tokens, and one of signatures."""
    jwt = {
        "type": "jwt",
        "jwtConfiguration": {"issuer": issuer_url, "audience": [AUDIENCE]},
        "identitySource": SOURCE,
    }
    schemes = {
        "tokens": {"type": "oauth2", "x-amazon-apigateway-authorizer": jwt},
        "signatures": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
        "bare": {"type": "http", "scheme": "bearer"},
    }
    integration = {
        "type": "aws_proxy",
        "payloadFormatVersion": "2.0",
        "uri": PROXY["IntegrationUri"],
    }
    operation = {"x-amazon-apigateway-integration": integration, "security": route_security}
    return {
        "openapi": "3.0.1",
        "info": {"title": "guarded"},
        "components": {"securitySchemes": schemes},
        "paths": {"/a": {"get": operation}},
        **changes,
    }


@pytest.mark.observes("api-authorizers")
@pytest.mark.parametrize(
    ("security", "kind"),
    [([{"tokens": ["read"]}], "JWT"), ([{"signatures": []}], "AWS_IAM"), ([], "NONE")],
)
def test_document_protects_its_routes(apis, issuer, security, kind):
    cors = {"allowOrigins": ["https://a.example"], "maxAge": 60}
    body = json.dumps(document(issuer.url, security, **{"x-amazon-apigateway-cors": cors}))
    created = apis.client.import_api(Body=body, FailOnWarnings=True)
    assert created["CorsConfiguration"] == {"AllowOrigins": ["https://a.example"], "MaxAge": 60}
    api_id = created["ApiId"]
    (route,) = apis.client.get_routes(ApiId=api_id)["Items"]
    (authorizer,) = apis.client.get_authorizers(ApiId=api_id)["Items"]
    assert route["AuthorizationType"] == kind
    if kind == "JWT":
        assert route["AuthorizerId"] == authorizer["AuthorizerId"]
        assert route["AuthorizationScopes"] == ["read"]
    again = json.dumps(document(issuer.url, []))
    assert "CorsConfiguration" not in apis.client.reimport_api(ApiId=api_id, Body=again)
    (route,) = apis.client.get_routes(ApiId=api_id)["Items"]
    assert route["AuthorizationType"] == "NONE"


@pytest.mark.observes("api-authorizers")
@pytest.mark.parametrize(
    ("security", "changes", "reason"),
    [
        ([{"bare": []}], {}, "has no x-amazon-apigateway-authorizer"),
        ([{"missing": []}], {}, "has no x-amazon-apigateway-authorizer"),
        ([{"tokens": []}, {"signatures": []}], {}, "one security scheme per route"),
        ([{"tokens": [], "signatures": []}], {}, "one security scheme per route"),
        ("tokens", {}, "one security scheme per route"),
        ([{"tokens": "read"}], {}, "AuthorizationScopes"),
        ([], {"servers": [], "security": [{}]}, "does not reproduce security"),
        ([], {"x-amazon-apigateway-cors": {"origins": ["x"]}}, "Origins"),
        ([], {"x-amazon-apigateway-cors": {"allowOrigins": "x"}}, "AllowOrigins"),
        ([], {"x-amazon-apigateway-cors": "x"}, "Invalid OpenAPI input"),
    ],
)
def test_document_whose_protection_is_not_clear_is_refused(apis, issuer, security, changes, reason):
    body = json.dumps(document(issuer.url, security, **changes))
    code, message = refusal(apis.client.import_api, Body=body)
    assert code == "BadRequestException"
    assert reason in message


@pytest.mark.observes("api-issuer")
def test_document_with_an_issuer_that_does_not_answer_is_refused(apis, issuer):
    body = json.dumps(document(f"{issuer.url}/other", [{"tokens": []}]))
    code, message = refusal(apis.client.import_api, Body=body, FailOnWarnings=True)
    assert code == "BadRequestException"
    assert "Unable to create Authorizer 'tokens': Invalid issuer" in message


@pytest.mark.observes("api-authorizers")
def test_stack_changes_the_protection_of_a_route(apis, stacks, issuer, configuration):
    authorizer = resource(
        "AWS::ApiGatewayV2::Authorizer",
        ApiId={"Ref": "Api"},
        Name="tokens",
        AuthorizerType="JWT",
        IdentitySource=[SOURCE],
        JwtConfiguration=configuration,
    )
    open_resources = {**function(ECHO), **api("2.0", "GET /a")}
    route = json.loads(json.dumps(open_resources["Route0"]))
    route["Properties"] |= {
        "AuthorizationType": "JWT",
        "AuthorizerId": {"Ref": "Authorizer"},
        "AuthorizationScopes": ["read"],
    }
    guarded = {**open_resources, "Authorizer": authorizer, "Route0": route}
    name = stacks.create(guarded)
    api_id = stacks.physical(name)["Api"]
    assert apis.call(api_id, "/a").status == 401
    for scope, status in [("read", 200), ("write", 403)]:
        headers = {"Authorization": f"Bearer {issuer.token(scope=scope)}"}
        assert apis.call(api_id, "/a", headers=headers).status == status
    stacks.update(name, open_resources)
    assert apis.call(api_id, "/a").status == 200
    assert apis.client.get_authorizers(ApiId=api_id)["Items"] == []
