"""A function's credentials are its role's: it may do what the role's policies allow, no more."""

import json
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.testing import REGION
from local_aws.tests.account import unique

ASKING = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    client = boto3.client(event["service"])
    try:
        answer = getattr(client, event["operation"])(**event["arguments"])
    except ClientError as error:
        answer = error.response
    return [answer["ResponseMetadata"]["HTTPStatusCode"], answer.get("Error", {}).get("Code")]
"""
ALLOWED, REFUSED = [200, None], [403, "AccessDenied"]


def role_of(account, *statements):
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
    """Return a function that may read one prefix of the bucket."""
    account.upload("models/here/model.npz", b"model")
    account.upload("models/elsewhere/model.npz", b"other")
    prefix = f"arn:aws:s3:::{account.bucket}/models/here/*"
    return lambdas.create(
        ASKING, Role=role_of(account, allow("s3:GetObject", prefix)), Timeout=30, MemorySize=512
    )


def ask(lambdas, name, operation, service="s3", **arguments):
    event = {"service": service, "operation": operation, "arguments": arguments}
    return lambdas.invoke(name, event).payload


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_function_reads_what_its_role_allows(lambdas, account, reader, operation):
    key = "models/here/model.npz"
    assert ask(lambdas, reader, operation, Bucket=account.bucket, Key=key) == ALLOWED


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_object", {"Key": "models/elsewhere/model.npz"}),
        ("list_objects_v2", {}),
        ("put_object", {"Key": "models/here/model.npz", "Body": "mine"}),
        ("delete_object", {"Key": "models/here/model.npz"}),
    ],
)
def test_function_is_refused_what_its_role_does_not_allow(
    lambdas, account, reader, operation, arguments
):
    assert ask(lambdas, reader, operation, Bucket=account.bucket, **arguments) == REFUSED


def test_function_is_refused_another_bucket(lambdas, account, reader):
    other = unique("bucket")
    account.s3.create_bucket(Bucket=other)
    account.s3.put_object(Bucket=other, Key="models/here/model.npz", Body=b"")
    arguments = {"Bucket": other, "Key": "models/here/model.npz"}
    assert ask(lambdas, reader, "get_object", **arguments) == REFUSED


def test_function_is_refused_another_service_and_another_function(lambdas, account, reader):
    assert ask(lambdas, reader, "list_roles", "iam") == REFUSED
    denied = [403, "AccessDeniedException"]
    assert ask(lambdas, reader, "invoke", "lambda", FunctionName=reader) == denied
    assert ask(lambdas, reader, "list_models", "sagemaker") == denied


def test_function_is_refused_stacks_and_apis(lambdas, reader):
    stack = {"StackName": unique("stack"), "TemplateBody": "{}"}
    assert ask(lambdas, reader, "create_stack", "cloudformation", **stack) == REFUSED
    assert ask(lambdas, reader, "list_stacks", "cloudformation") == REFUSED
    api = {"Name": unique("api"), "ProtocolType": "HTTP"}
    denied = [403, "AccessDeniedException"]
    assert ask(lambdas, reader, "create_api", "apigatewayv2", **api) == denied


def test_function_whose_role_allows_it_looks_at_one_stack_and_at_apis(lambdas, account):
    role = role_of(
        account,
        allow("cloudformation:DescribeStacks", "arn:aws:cloudformation:*:*:stack/mine/*"),
        allow("apigateway:GET", "arn:aws:apigateway:*::/apis"),
    )
    name = lambdas.create(ASKING, Role=role, Timeout=30, MemorySize=512)
    missing = [400, "ValidationError"]
    assert ask(lambdas, name, "describe_stacks", "cloudformation", StackName="mine") == missing
    assert ask(lambdas, name, "describe_stacks", "cloudformation", StackName="other") == REFUSED
    assert ask(lambdas, name, "get_apis", "apigatewayv2") == ALLOWED


def test_function_whose_role_allows_it_calls_another_service(lambdas, account):
    parameter = unique("/parameter")
    account.aws.client("ssm").put_parameter(Name=parameter, Value="1", Type="String")
    echo = lambdas.create()
    arn = lambdas.client.get_function(FunctionName=echo)["Configuration"]["FunctionArn"]
    role = role_of(
        account,
        allow("ssm:GetParameter", f"arn:aws:ssm:*:*:parameter{parameter}"),
        allow("lambda:InvokeFunction", arn),
    )
    caller = lambdas.create(ASKING, Role=role, Timeout=30, MemorySize=512)
    assert ask(lambdas, caller, "get_parameter", "ssm", Name=parameter) == ALLOWED
    assert ask(lambdas, caller, "invoke", "lambda", FunctionName=echo) == ALLOWED


def test_function_whose_role_allows_an_alias_calls_that_and_not_the_function(lambdas, account):
    echo = lambdas.create(Publish=True)
    lambdas.client.create_alias(FunctionName=echo, Name="live", FunctionVersion="1")
    role = role_of(account, allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:*:live"))
    caller = lambdas.create(ASKING, Role=role, Timeout=30, MemorySize=512)
    whole = {"FunctionName": echo, "Qualifier": "live"}
    assert ask(lambdas, caller, "invoke", "lambda", **whole) == ALLOWED
    denied = [403, "AccessDeniedException"]
    assert ask(lambdas, caller, "invoke", "lambda", FunctionName=echo) == denied


def test_denial_outweighs_what_is_allowed(lambdas, account):
    account.upload("denied/key", b"")
    everything = allow("s3:*", "*")
    denial = everything | {"Effect": "Deny", "Resource": f"arn:aws:s3:::{account.bucket}/denied/*"}
    name = lambdas.create(
        ASKING, Role=role_of(account, everything, denial), Timeout=30, MemorySize=512
    )
    assert ask(lambdas, name, "list_objects_v2", Bucket=account.bucket) == ALLOWED
    assert ask(lambdas, name, "get_object", Bucket=account.bucket, Key="denied/key") == REFUSED


def s3_of(account, key, secret, token, signature="s3v4"):
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


def test_session_with_another_ones_token_is_refused(account, session):
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
    s3 = s3_of(account, session["AccessKeyId"], session["SecretAccessKey"], token)
    with pytest.raises(ClientError, match="InvalidToken"):
        s3.list_objects_v2(Bucket=account.bucket)


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_address_that_a_role_presigned_opens_no_more_than_the_role_may(account, session, signature):
    account.upload("presigned", b"text")
    root = account.s3.generate_presigned_url(
        "get_object", {"Bucket": account.bucket, "Key": "presigned"}
    )
    with urllib.request.urlopen(root) as answer:  # noqa: S310
        assert answer.read() == b"text"
    keys = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    address = s3_of(account, *keys, signature).generate_presigned_url(
        "get_object", {"Bucket": account.bucket, "Key": "presigned"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address)  # noqa: S310


def test_users_access_key_is_checked_against_the_users_policies(account):
    user = unique("user")
    account.iam.create_user(UserName=user)
    made = account.iam.create_access_key(UserName=user)["AccessKey"]
    s3 = s3_of(account, made["AccessKeyId"], made["SecretAccessKey"], None)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=account.bucket)


def test_role_that_is_gone_allows_nothing_any_more(account):
    account.upload("gone", b"")
    role = account.create_role("lambda.amazonaws.com")
    sts = account.aws.client("sts")
    made = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    account.iam.delete_role(RoleName=role.rpartition("/")[2])
    s3 = s3_of(account, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=account.bucket, Key="gone")


def test_managed_policy_of_aws_can_be_attached_to_a_role(account):
    role = account.create_role("lambda.amazonaws.com").rpartition("/")[2]
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    account.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    (attached,) = account.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached["PolicyArn"] == arn


def test_credentials_that_the_local_iam_did_not_make_are_the_accounts_root(account):
    s3 = s3_of(account, "ASIAOFSOMEBODYELSE", "secret", "token")
    assert s3.list_objects_v2(Bucket=account.bucket)["KeyCount"] >= 0


def test_call_of_s3_that_is_not_signed_is_refused(account):
    account.upload("unsigned", b"text")
    for path in (account.bucket, f"{account.bucket}/unsigned"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{account.aws.url}/{path}")  # noqa: S310
    request = urllib.request.Request(  # noqa: S310
        f"{account.aws.url}/{account.bucket}/unsigned", b"mine", method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)  # noqa: S310
    found = account.s3.get_object(Bucket=account.bucket, Key="unsigned")["Body"].read()
    assert found == b"text"
