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
ALLOWED, REFUSED = [200, None], [403, "AccessDenied"]


def role_with(account, *statements):
    arn = account.create_role("lambda.amazonaws.com")
    account.iam.put_role_policy(
        RoleName=arn.rpartition("/")[2],
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    return arn


def allow(action, resource):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@pytest.fixture(scope="module")
def reader(lambdas, account):
    """Create a function that may read one prefix of the bucket."""
    account.upload("models/here/model.npz", b"model")
    account.upload("models/elsewhere/model.npz", b"other")
    prefix = f"arn:aws:s3:::{account.bucket}/models/here/*"
    return lambdas.create(
        CALLER, Role=role_with(account, allow("s3:GetObject", prefix)), Timeout=30, MemorySize=512
    )


def call(lambdas, name, operation, service="s3", **arguments):
    event = {"service": service, "operation": operation, "arguments": arguments}
    return lambdas.invoke(name, event).payload


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_function_can_read_what_its_role_allows(lambdas, account, reader, operation):
    key = "models/here/model.npz"
    assert call(lambdas, reader, operation, Bucket=account.bucket, Key=key) == ALLOWED


@pytest.mark.observes("lambda-credentials")
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_object", {"Key": "models/elsewhere/model.npz"}),
        ("list_objects_v2", {}),
        ("put_object", {"Key": "models/here/model.npz", "Body": "mine"}),
        ("delete_object", {"Key": "models/here/model.npz"}),
    ],
)
def test_function_cannot_do_what_its_role_does_not_allow(
    lambdas, account, reader, operation, arguments
):
    assert call(lambdas, reader, operation, Bucket=account.bucket, **arguments) == REFUSED


def test_function_cannot_read_another_bucket(lambdas, account, reader):
    other = unique("bucket")
    account.s3.create_bucket(Bucket=other)
    account.s3.put_object(Bucket=other, Key="models/here/model.npz", Body=b"")
    arguments = {"Bucket": other, "Key": "models/here/model.npz"}
    assert call(lambdas, reader, "get_object", **arguments) == REFUSED


def test_function_cannot_call_another_service_or_function(lambdas, account, reader):
    assert call(lambdas, reader, "list_roles", "iam") == REFUSED
    denied = [403, "AccessDeniedException"]
    assert call(lambdas, reader, "invoke", "lambda", FunctionName=reader) == denied
    assert call(lambdas, reader, "list_models", "sagemaker") == denied


def test_function_cannot_use_stacks_or_apis(lambdas, reader):
    stack = {"StackName": unique("stack"), "TemplateBody": "{}"}
    assert call(lambdas, reader, "create_stack", "cloudformation", **stack) == REFUSED
    assert call(lambdas, reader, "list_stacks", "cloudformation") == REFUSED
    api = {"Name": unique("api"), "ProtocolType": "HTTP"}
    denied = [403, "AccessDeniedException"]
    assert call(lambdas, reader, "create_api", "apigatewayv2", **api) == denied


def test_function_with_permission_can_read_one_stack_and_list_apis(lambdas, account):
    role = role_with(
        account,
        allow("cloudformation:DescribeStacks", "arn:aws:cloudformation:*:*:stack/mine/*"),
        allow("apigateway:GET", "arn:aws:apigateway:*::/apis"),
    )
    name = lambdas.create(CALLER, Role=role, Timeout=30, MemorySize=512)
    missing = [400, "ValidationError"]
    assert call(lambdas, name, "describe_stacks", "cloudformation", StackName="mine") == missing
    assert call(lambdas, name, "describe_stacks", "cloudformation", StackName="other") == REFUSED
    assert call(lambdas, name, "get_apis", "apigatewayv2") == ALLOWED


def test_function_with_permission_can_call_another_service(lambdas, account):
    parameter = unique("/parameter")
    account.aws.client("ssm").put_parameter(Name=parameter, Value="1", Type="String")
    echo = lambdas.create()
    arn = lambdas.client.get_function(FunctionName=echo)["Configuration"]["FunctionArn"]
    role = role_with(
        account,
        allow("ssm:GetParameter", f"arn:aws:ssm:*:*:parameter{parameter}"),
        allow("lambda:InvokeFunction", arn),
    )
    caller = lambdas.create(CALLER, Role=role, Timeout=30, MemorySize=512)
    assert call(lambdas, caller, "get_parameter", "ssm", Name=parameter) == ALLOWED
    assert call(lambdas, caller, "invoke", "lambda", FunctionName=echo) == ALLOWED


def test_function_with_permission_for_an_alias_can_call_the_alias_only(lambdas, account):
    echo = lambdas.create(Publish=True)
    lambdas.client.create_alias(FunctionName=echo, Name="live", FunctionVersion="1")
    role = role_with(account, allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:*:live"))
    caller = lambdas.create(CALLER, Role=role, Timeout=30, MemorySize=512)
    alias = {"FunctionName": echo, "Qualifier": "live"}
    assert call(lambdas, caller, "invoke", "lambda", **alias) == ALLOWED
    denied = [403, "AccessDeniedException"]
    assert call(lambdas, caller, "invoke", "lambda", FunctionName=echo) == denied


@pytest.mark.observes("lambda-credentials")
def test_deny_overrides_allow(lambdas, account):
    account.upload("denied/key", b"")
    everything = allow("s3:*", "*")
    denial = everything | {"Effect": "Deny", "Resource": f"arn:aws:s3:::{account.bucket}/denied/*"}
    name = lambdas.create(
        CALLER, Role=role_with(account, everything, denial), Timeout=30, MemorySize=512
    )
    assert call(lambdas, name, "list_objects_v2", Bucket=account.bucket) == ALLOWED
    assert call(lambdas, name, "get_object", Bucket=account.bucket, Key="denied/key") == REFUSED


def s3_client(account, key, secret, token, signature="s3v4"):
    return boto3.client(
        "s3",
        endpoint_url=account.aws.url,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(signature_version=signature),
    )


@pytest.fixture
def session(account):
    """Return a session of a role without a policy."""
    role = account.create_role("lambda.amazonaws.com")
    sts = account.aws.client("sts")
    return sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]


def test_session_with_a_wrong_token_is_refused(account, session):
    token = session["SessionToken"][::-1]
    functions = boto3.client(
        "lambda",
        endpoint_url=account.aws.url,
        region_name=REGION,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=token,
    )
    with pytest.raises(ClientError, match=r"AccessDeniedException.*token"):
        functions.list_functions()
    s3 = s3_client(account, session["AccessKeyId"], session["SecretAccessKey"], token)
    with pytest.raises(ClientError, match="InvalidToken"):
        s3.list_objects_v2(Bucket=account.bucket)


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_url_presigned_by_a_role_allows_only_what_the_role_may_do(account, session, signature):
    account.upload("presigned", b"text")
    root = account.s3.generate_presigned_url(
        "get_object", {"Bucket": account.bucket, "Key": "presigned"}
    )
    with urllib.request.urlopen(root) as response:  # noqa: S310
        assert response.read() == b"text"
    keys = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    url = s3_client(account, *keys, signature).generate_presigned_url(
        "get_object", {"Bucket": account.bucket, "Key": "presigned"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)  # noqa: S310


def test_access_key_of_a_user_has_the_permissions_of_the_user(account):
    user = unique("user")
    account.iam.create_user(UserName=user)
    key = account.iam.create_access_key(UserName=user)["AccessKey"]
    s3 = s3_client(account, key["AccessKeyId"], key["SecretAccessKey"], None)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=account.bucket)


def test_session_of_a_deleted_role_allows_nothing(account):
    account.upload("gone", b"")
    role = account.create_role("lambda.amazonaws.com")
    sts = account.aws.client("sts")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    account.iam.delete_role(RoleName=role.rpartition("/")[2])
    s3 = s3_client(account, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=account.bucket, Key="gone")


def test_policy_managed_by_aws_can_be_attached_to_a_role(account):
    role = account.create_role("lambda.amazonaws.com").rpartition("/")[2]
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    account.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    (attached,) = account.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached["PolicyArn"] == arn


def test_credentials_unknown_to_the_local_iam_belong_to_the_root_of_the_account(account):
    s3 = s3_client(account, "ASIAUNKNOWN", "secret", "token")
    assert s3.list_objects_v2(Bucket=account.bucket)["KeyCount"] >= 0


def test_unsigned_request_to_s3_is_refused(account):
    account.upload("unsigned", b"text")
    for path in (account.bucket, f"{account.bucket}/unsigned"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{account.aws.url}/{path}")  # noqa: S310
    request = urllib.request.Request(  # noqa: S310
        f"{account.aws.url}/{account.bucket}/unsigned", b"mine", method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)  # noqa: S310
    stored = account.s3.get_object(Bucket=account.bucket, Key="unsigned")["Body"].read()
    assert stored == b"text"
