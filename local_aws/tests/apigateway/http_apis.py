"""Create HTTP APIs for functions of the local AWS, and call them, for tests."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from local_aws.awslambda.execution.runtime_site import runtime_name
from local_aws.awslambda.execution.workers import architecture
from local_aws.tests.account import Account, unique
from local_aws.tests.cloudformation.stacks import TRUST, Stacks, resource

ECHO = "def handler(event, context):\n    return event\n"


@dataclass(frozen=True)
class ApiResponse:
    """The response of an API."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.body)


def function(source: str, **properties: Any) -> dict[str, Any]:
    """Return the resources of a function and its role."""
    return {
        "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Function": resource(
            "AWS::Lambda::Function",
            Role={"Fn::GetAtt": "Role.Arn"},
            Runtime=runtime_name(),
            Architectures=[architecture()],
            Handler="index.handler",
            Code={"ZipFile": source},
            **properties,
        ),
    }


def api(payload_format: str = "2.0", *keys: str, **stage: Any) -> dict[str, Any]:
    """Return the resources of an API whose routes all invoke the function."""
    api_id = {"Ref": "Api"}
    integration = resource(
        "AWS::ApiGatewayV2::Integration",
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri={"Fn::GetAtt": "Function.Arn"},
        PayloadFormatVersion=payload_format,
    )
    routes = {
        f"Route{number}": resource(
            "AWS::ApiGatewayV2::Route",
            ApiId=api_id,
            RouteKey=key,
            Target={"Fn::Sub": "integrations/${Integration}"},
        )
        for number, key in enumerate(keys or ("$default",))
    }
    settings = {"ApiId": api_id, "StageName": "$default", "AutoDeploy": True} | stage
    source = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
    return {
        "Api": resource("AWS::ApiGatewayV2::Api", Name="an-api", ProtocolType="HTTP"),
        "Integration": integration,
        **routes,
        "Stage": {**resource("AWS::ApiGatewayV2::Stage", **settings), "DependsOn": list(routes)},
        "Permission": resource(
            "AWS::Lambda::Permission",
            FunctionName={"Ref": "Function"},
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn={"Fn::Sub": source},
        ),
    }


class Apis:
    """APIs created by stacks, and calls of them."""

    def __init__(self, account: Account, stacks: Stacks) -> None:
        self.account, self.stacks = account, stacks
        self.client = account.aws.client("apigatewayv2")
        self.functions = account.aws.client("lambda")

    def create(self, resources: dict[str, Any]) -> str:
        """Create an API in a stack with the given resources; return its id."""
        return self.stacks.physical(self.stacks.create(resources))["Api"]

    def create_empty(self) -> str:
        """Create an API without routes; return its id."""
        return str(self.client.create_api(Name=unique("api"), ProtocolType="HTTP")["ApiId"])

    def call(
        self,
        api_id: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        method: str = "",
    ) -> ApiResponse:
        """Call an API by the path of the local AWS."""
        return self.send(f"/_local_aws/apis/{api_id}{path}", body, headers or {}, method)

    def send(
        self, path: str, body: bytes | None, headers: dict[str, str], method: str = ""
    ) -> ApiResponse:
        """Send a request to the local AWS."""
        connection = http.client.HTTPConnection(urlsplit(self.account.aws.url).netloc, timeout=60)
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
            response = connection.getresponse()
            return ApiResponse(response.status, response.headers, response.read())
        finally:
            connection.close()
