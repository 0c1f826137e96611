"""APIs that are created with a Target: one route, its integration, and the stage $default."""

import urllib.request

import pytest
from botocore.exceptions import ClientError

PATH = "def handler(event, context):\n    return {'statusCode': 200, 'body': event['rawPath']}\n"


@pytest.mark.observes("quick-create-api")
def test_api_with_a_target_calls_its_function_at_every_path(lambdas, local_aws):
    name = lambdas.create(PATH, Timeout=10)
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    lambdas.client.add_permission(
        FunctionName=name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    apis = local_aws.client("apigatewayv2")
    api = apis.create_api(Name="quick", ProtocolType="HTTP", Target=arn)
    routes = apis.get_routes(ApiId=api["ApiId"])["Items"]
    assert [route["RouteKey"] for route in routes] == ["$default"]
    (stage,) = apis.get_stages(ApiId=api["ApiId"])["Items"]
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    url = f"{local_aws.url}/_local_aws/apis/{api['ApiId']}/any/path"
    with urllib.request.urlopen(url) as response:  # noqa: S310 - the local AWS
        assert response.read() == b"/any/path"
    with pytest.raises(ClientError, match="RouteKey needs a Target"):
        apis.create_api(Name="quick", ProtocolType="HTTP", RouteKey="GET /")
    with pytest.raises(ClientError, match=r"https://example\.com"):
        apis.create_api(Name="quick", ProtocolType="HTTP", Target="https://example.com")
    apis.delete_api(ApiId=api["ApiId"])
