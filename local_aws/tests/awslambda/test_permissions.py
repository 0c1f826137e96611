"""A function has the credentials of its role, and may do only what the role's policies allow."""

import json
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.testing import REGION
from local_aws.tests.account import unique

CALLER = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    client = boto3.client(event["service"])
    try:
        response = getattr(client, event["operation"])(**event["arguments"])
    except ClientError as error:
        response = error.response
    return [response["ResponseMetadata"]["HTTPStatusCode"], response.get("Error", {}).get("Code")]
"""
ALLOWED, REFUSED, DENIED = [200, None], [403, "AccessDenied"], [403, "AccessDeniedException"]
MODEL = "models/here/model.npz"


def allow(action, resource):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def create_caller(lambdas, *statements):
    """Create a function that calls AWS with the permissions of some statements."""
    role = lambdas.account.create_role("lambda.amazonaws.com")
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    lambdas.account.iam.put_role_policy(
        RoleName=role.rpartition("/")[2], PolicyName="own", PolicyDocument=policy
    )
    return lambdas.create(CALLER, Role=role, Timeout=30, MemorySize=512)


@pytest.fixture(scope="module")
def reader(lambdas, account):
    """Create a function that may read one prefix of the bucket."""
    account.upload(MODEL, b"model")
    account.upload("models/elsewhere/model.npz", b"other")
    prefix = f"arn:aws:s3:::{account.bucket}/models/here/*"
    return create_caller(lambdas, allow("s3:GetObject", prefix))


def call(lambdas, name, operation, service="s3", **arguments):
    event = {"service": service, "operation": operation, "arguments": arguments}
    return lambdas.invoke(name, event).payload


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_function_can_read_what_its_role_allows(lambdas, account, reader, operation):
    assert call(lambdas, reader, operation, Bucket=account.bucket, Key=MODEL) == ALLOWED


@pytest.mark.observes("lambda-credentials")
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_object", {"Key": "models/elsewhere/model.npz"}),
        ("list_objects_v2", {}),
        ("put_object", {"Key": MODEL, "Body": "mine"}),
        ("delete_object", {"Key": MODEL}),
    ],
)
def test_function_cannot_do_what_its_role_does_not_allow(
    lambdas, account, reader, operation, arguments
):
    assert call(lambdas, reader, operation, Bucket=account.bucket, **arguments) == REFUSED


def test_function_cannot_read_another_bucket(lambdas, account, reader):
    other = unique("bucket")
    account.s3.create_bucket(Bucket=other)
    account.s3.put_object(Bucket=other, Key=MODEL, Body=b"")
    assert call(lambdas, reader, "get_object", Bucket=other, Key=MODEL) == REFUSED


def test_function_cannot_use_another_service_or_function(lambdas, reader):
    stack = {"StackName": unique("stack"), "TemplateBody": "{}"}
    api = {"Name": unique("api"), "ProtocolType": "HTTP"}
    assert call(lambdas, reader, "list_roles", "iam") == REFUSED
    assert call(lambdas, reader, "create_stack", "cloudformation", **stack) == REFUSED
    assert call(lambdas, reader, "list_stacks", "cloudformation") == REFUSED
    assert call(lambdas, reader, "create_api", "apigatewayv2", **api) == DENIED
    assert call(lambdas, reader, "invoke", "lambda", FunctionName=reader) == DENIED
    assert call(lambdas, reader, "list_models", "sagemaker") == DENIED


def test_function_with_permission_can_read_one_stack_and_list_apis(lambdas):
    name = create_caller(
        lambdas,
        allow("cloudformation:DescribeStacks", "arn:aws:cloudformation:*:*:stack/mine/*"),
        allow("apigateway:GET", "arn:aws:apigateway:*::/apis"),
    )
    missing = [400, "ValidationError"]
    assert call(lambdas, name, "describe_stacks", "cloudformation", StackName="mine") == missing
    assert call(lambdas, name, "describe_stacks", "cloudformation", StackName="other") == REFUSED
    assert call(lambdas, name, "get_apis", "apigatewayv2") == ALLOWED


@pytest.mark.slow
def test_function_with_permission_can_call_another_service(lambdas, account):
    parameter = unique("/parameter")
    account.aws.client("ssm").put_parameter(Name=parameter, Value="1", Type="String")
    echo = lambdas.create()
    arn = lambdas.client.get_function(FunctionName=echo)["Configuration"]["FunctionArn"]
    caller = create_caller(
        lambdas,
        allow("ssm:GetParameter", f"arn:aws:ssm:*:*:parameter{parameter}"),
        allow("lambda:InvokeFunction", arn),
    )
    assert call(lambdas, caller, "get_parameter", "ssm", Name=parameter) == ALLOWED
    assert call(lambdas, caller, "invoke", "lambda", FunctionName=echo) == ALLOWED


def test_function_with_permission_for_an_alias_can_call_the_alias_only(lambdas):
    echo = lambdas.create(Publish=True)
    lambdas.client.create_alias(FunctionName=echo, Name="live", FunctionVersion="1")
    alias = "arn:aws:lambda:*:*:function:*:live"
    caller = create_caller(lambdas, allow("lambda:InvokeFunction", alias))
    names = {"FunctionName": echo, "Qualifier": "live"}
    assert call(lambdas, caller, "invoke", "lambda", **names) == ALLOWED
    assert call(lambdas, caller, "invoke", "lambda", FunctionName=echo) == DENIED


def test_function_with_permission_for_one_endpoint_can_invoke_that_endpoint_only(lambdas):
    own = "arn:aws:sagemaker:*:*:endpoint/own-endpoint"  # in lower case, as ARNs of endpoints are
    caller = create_caller(lambdas, allow("sagemaker:InvokeEndpoint", own))

    def invoke(endpoint):
        service, request = "sagemaker-runtime", {"EndpointName": endpoint, "Body": "a"}
        return call(lambdas, caller, "invoke_endpoint", service, **request)

    assert invoke("Own-endpoint") == [400, "ValidationError"]  # allowed, but it does not exist
    assert invoke("other-endpoint") == DENIED


@pytest.mark.observes("lambda-credentials")
def test_deny_overrides_allow(lambdas, account):
    account.upload("denied/key", b"")
    everything = allow("s3:*", "*")
    denial = everything | {"Effect": "Deny", "Resource": f"arn:aws:s3:::{account.bucket}/denied/*"}
    name = create_caller(lambdas, everything, denial)
    assert call(lambdas, name, "list_objects_v2", Bucket=account.bucket) == ALLOWED
    assert call(lambdas, name, "get_object", Bucket=account.bucket, Key="denied/key") == REFUSED


def client_with(account, keys, service="s3", signature="v4"):
    """Return a client with the given credentials, in the form of STS and IAM."""
    return boto3.client(
        service,
        endpoint_url=account.aws.url,
        region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
        config=Config(signature_version=signature),
    )


@pytest.fixture
def role(account):
    """Create a role without a policy."""
    return account.create_role("lambda.amazonaws.com")


@pytest.fixture
def session(account, role):
    """Return a session of the role."""
    sts = account.aws.client("sts")
    return sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]


def test_session_with_a_wrong_token_is_refused(account, session):
    wrong = session | {"SessionToken": session["SessionToken"][::-1]}
    with pytest.raises(ClientError, match=r"AccessDeniedException.*token"):
        client_with(account, wrong, "lambda").list_functions()
    with pytest.raises(ClientError, match="InvalidToken"):
        client_with(account, wrong).list_objects_v2(Bucket=account.bucket)


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_url_presigned_by_a_role_allows_only_what_the_role_may_do(account, session, signature):
    account.upload("presigned", b"text")
    request = ("get_object", {"Bucket": account.bucket, "Key": "presigned"})
    with urllib.request.urlopen(account.s3.generate_presigned_url(*request)) as response:  # noqa: S310
        assert response.read() == b"text"
    url = client_with(account, session, signature=signature).generate_presigned_url(*request)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)  # noqa: S310


def test_access_key_of_a_user_has_the_permissions_of_the_user(account):
    user = unique("user")
    account.iam.create_user(UserName=user)
    key = account.iam.create_access_key(UserName=user)["AccessKey"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client_with(account, key).list_objects_v2(Bucket=account.bucket)


@pytest.mark.parametrize(
    ("service", "operation"), [("logs", "describe_log_groups"), ("cloudwatch", "list_metrics")]
)
def test_service_of_moto_that_answers_in_json_refuses_in_json(account, session, service, operation):
    with pytest.raises(ClientError, match=r"\(AccessDeniedException\).*not authorized"):
        getattr(client_with(account, session, service), operation)()
    wrong = session | {"SessionToken": session["SessionToken"][::-1]}
    with pytest.raises(ClientError, match=r"\(UnrecognizedClientException\).*token"):
        getattr(client_with(account, wrong, service), operation)()


def test_session_of_a_deleted_role_allows_nothing(account, role, session):
    account.upload("gone", b"")
    account.iam.delete_role(RoleName=role.rpartition("/")[2])
    with pytest.raises(ClientError, match="AccessDenied"):
        client_with(account, session).get_object(Bucket=account.bucket, Key="gone")


def test_policy_managed_by_aws_can_be_attached_to_a_role(account, role):
    name = role.rpartition("/")[2]
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    account.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    (attached,) = account.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached["PolicyArn"] == arn


def test_credentials_unknown_to_the_local_iam_belong_to_the_root_of_the_account(account):
    keys = {"AccessKeyId": "ASIAUNKNOWN", "SecretAccessKey": "secret", "SessionToken": "token"}
    assert client_with(account, keys).list_objects_v2(Bucket=account.bucket)["KeyCount"] >= 0


def test_unsigned_request_to_s3_is_refused(account):
    account.upload("unsigned", b"text")
    bucket = f"{account.aws.url}/{account.bucket}"
    change = urllib.request.Request(f"{bucket}/unsigned", b"mine", method="PUT")  # noqa: S310
    for request in (bucket, f"{bucket}/unsigned", change):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)  # noqa: S310
    stored = account.s3.get_object(Bucket=account.bucket, Key="unsigned")["Body"].read()
    assert stored == b"text"
