"""Routes with IAM authorization: signed requests pass, and no other ones."""

import json
import time
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.apigateway.security.authorization import _Signer
from local_aws.tests.account import unique
from local_aws.tests.apigateway.forged_signatures import Forger, Signed
from local_aws.tests.apigateway.http_apis import ECHO, api, function

FORMAT_1 = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
FORBIDDEN = b'{"message":"Forbidden"}'


def policy(resource, effect="Allow", action="execute-api:Invoke"):
    """Return the policy of a caller."""
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def guarded(apis):
    """Create an API whose only route needs a signature."""
    resources = {**function(ECHO), **api("2.0", "ANY /{proxy+}")}
    resources["Route0"]["Properties"]["AuthorizationType"] = "AWS_IAM"
    return apis.create(resources)


@pytest.fixture(scope="module")
def new_user(account):
    """Return a function that creates a user with a policy and returns its credentials."""
    iam = account.aws.client("iam")

    def new_user(document):
        name = unique("user")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    return new_user


@pytest.fixture(scope="module")
def callers(account, new_user, guarded):
    """Return the credentials of the root, of a user, and of two sessions of a role."""
    iam, name = account.aws.client("iam"), unique("caller")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allowed = policy(f"arn:aws:execute-api:us-east-1:*:{guarded}/$default/*")
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allowed)
    sts = account.aws.client("sts")
    sessions = [
        sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"] for _ in range(2)
    ]
    roles = [
        Credentials(one["AccessKeyId"], one["SecretAccessKey"], one["SessionToken"])
        for one in sessions
    ]
    return [Credentials("local", "local"), new_user(allowed), *roles]


@pytest.fixture(scope="module")
def base(apis, guarded):
    """Return the address of the API."""
    return f"{apis.account.aws.url}/_local_aws/apis/{guarded}"


@pytest.fixture(scope="module")
def send(apis, base):
    """Return a function that sends a request with headers."""

    def send(request, headers):
        path = urlsplit(base).path + request.path
        return apis.send(path, request.body or None, headers, request.method)

    return send


@pytest.mark.observes("api-iam")
def test_function_learns_who_signed(send, base, callers):
    kinds = ["root", "user/user-", "assumed-role/caller-", "assumed-role/caller-"]
    for caller, kind in zip(callers, kinds, strict=True):
        request = Signed(base, credentials=caller)
        response = send(request, request.sign())
        assert response.status == 200
        iam = response.json["requestContext"]["authorizer"]["iam"]
        assert kind in iam["userArn"]
        assert (iam["accessKey"], iam["accountId"]) == (caller.access_key, "123456789012")
        assert iam["userId"] == iam["callerId"]


@pytest.mark.observes("api-iam")
def test_format_1_has_the_caller_in_the_identity(apis):
    resources = {**function(FORMAT_1), **api("1.0", "GET /a")}
    resources["Route0"]["Properties"]["AuthorizationType"] = "AWS_IAM"
    api_id = apis.create(resources)
    request = Signed(f"{apis.account.aws.url}/_local_aws/apis/{api_id}", "GET", "/a", b"")
    response = apis.call(api_id, "/a", headers=request.sign())
    identity = response.json["requestContext"]["identity"]
    assert (identity["accessKey"], identity["user"]) == ("local", "123456789012")
    assert identity["userArn"] == "arn:aws:iam::123456789012:root"


@pytest.mark.observes("api-iam")
@pytest.mark.parametrize(
    ("document", "status"),
    [
        (policy("*"), 200),
        (policy("arn:aws:execute-api:us-east-1:123456789012:{api}/$default/POST/a"), 200),
        (policy("arn:aws:execute-api:us-east-1:123456789012:{api}/$default/GET/a"), 403),
        (policy("arn:aws:execute-api:us-east-1:123456789012:other/*"), 403),
        (policy("arn:aws:execute-api:us-east-?:*:{api}/$default/*/?"), 200),
        (policy("arn:aws:execute-api:us-east-1:123456789012:{api}/.default/POST/a"), 403),
        (policy("*", "Deny"), 403),
        (policy("*", action="execute-api:ManageConnections"), 403),
    ],
)
def test_caller_needs_permission_for_the_method_and_path(
    new_user, send, base, guarded, document, status
):
    request = Signed(base, credentials=new_user(document.replace("{api}", guarded)))
    response = send(request, request.sign())
    assert response.status == status
    if status == 403:
        assert response.body == FORBIDDEN


@pytest.mark.observes("api-iam")
def test_inactive_key_does_not_pass(account, send, base):
    iam, name = account.aws.client("iam"), unique("user")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy("*"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    request = Signed(base, credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert send(request, request.sign()).status == 200
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert send(request, request.sign()).status == 403


def none_passes(base, callers, send, count, seed):
    """Send badly signed requests, and a well signed one after each tenth."""
    forger = Forger(base, callers, seed)
    for number, (kind, (request, headers)) in enumerate(forger.attempts(count)):
        response = send(request, headers)
        assert (response.status, response.body) == (403, FORBIDDEN), (kind, request, headers)
        if number % 10 == 0:
            valid = forger.valid()
            assert send(valid, valid.sign()).status == 200, valid


@pytest.mark.observes("api-iam")
def test_no_badly_signed_request_passes(base, callers, send):
    none_passes(base, callers, send, 102, seed=1)


@pytest.mark.slow
def test_none_of_a_thousand_badly_signed_requests_passes(base, callers, send):
    none_passes(base, callers, send, 1_000, seed=int(time.time()))


@pytest.mark.parametrize("kind", [SigV4Auth, _Signer])
def test_signature_is_the_one_of_the_test_suite_of_aws(kind):
    """The case get-vanilla of AWS's Signature Version 4 test suite."""
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    request = AWSRequest("GET", "https://example.amazonaws.com/", headers)
    request.context["timestamp"] = headers["x-amz-date"]
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    signer = kind(credentials, "service", "us-east-1")
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert signer.signature(text, request) == (
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )
