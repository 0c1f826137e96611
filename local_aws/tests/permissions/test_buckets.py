"""Policies of buckets and roles: the conditions that are known here are those of AWS."""

import io

import pytest
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config

from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, refusal
from local_aws.tests.permissions.buckets import Bucket, client_of, session_of

SSE = "s3:x-amz-server-side-encryption"
OWN, OTHER = "123456789012", "111122223333"
ENCRYPTED = {"ServerSideEncryption": "aws:kms"}
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}


@pytest.fixture
def bucket(account):
    return Bucket(account)


@pytest.mark.observes("bucket-policy-tls")
@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Bool": {"aws:securetransport": [False]}},
        {"BoolIfExists": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        {"NumericLessThan": {"s3:TlsVersion": 1.3}},
    ],
    ids=str,
)
def test_bucket_that_refuses_requests_without_tls_is_used_as_before(account, bucket, condition):
    bucket.deny(condition)
    assert not bucket.denies("put_object", Body=b"new")
    assert not bucket.denies("get_object")
    assert not bucket.denies("head_object")
    assert not bucket.denies("list_objects_v2")
    role = session_of(account, account.create_role("lambda.amazonaws.com"))
    assert not bucket.denies(client=role)
    assert not bucket.denies("delete_object")


@pytest.mark.observes("bucket-policy-conditions")
def test_bucket_for_encrypted_uploads_refuses_those_without_the_header(bucket):
    bucket.deny({"StringNotEquals": {SSE: "aws:kms"}}, "s3:PutObject")
    assert bucket.denies("put_object")
    assert bucket.denies("put_object", ServerSideEncryption="AES256")
    assert not bucket.denies("put_object", **ENCRYPTED)
    bucket.deny({"Null": {SSE: "true"}}, "s3:PutObject")
    assert bucket.denies("put_object")
    assert not bucket.denies("put_object", **ENCRYPTED)
    assert not bucket.denies("put_object_tagging", Key="stored", Tagging=TAGS)
    assert not bucket.denies("get_object")


@pytest.mark.observes("bucket-policy-conditions")
def test_parts_of_an_upload_need_no_header_that_its_beginning_had(bucket):
    bucket.deny({"Null": {SSE: "true"}}, "s3:PutObject")
    assert bucket.denies("create_multipart_upload", Key="large")
    in_parts = TransferConfig(multipart_threshold=5 * 1024**2, multipart_chunksize=5 * 1024**2)
    content = io.BytesIO(bytes(6 * 1024**2))
    bucket.s3.upload_fileobj(content, bucket.name, "large", ExtraArgs=ENCRYPTED, Config=in_parts)
    assert not bucket.denies("get_object", Key="large")


@pytest.mark.observes("bucket-policy-conditions")
@pytest.mark.parametrize(
    ("condition", "is_denied"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, True),
        ({"StringEquals": {"aws:SourceAccount": OWN}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": OWN}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": OTHER}}, True),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": OWN}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": [OTHER, OWN]}}, False),
        ({"StringNotEquals": {"aws:ResourceAccount": OTHER}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": [OTHER, OWN]}}, True),
        ({"StringLike": {"aws:PrincipalAccount": "1234*"}}, True),
        ({"StringNotLike": {"aws:PrincipalAccount": "1234????????"}}, False),
        ({"StringEquals": {SSE: "AWS:KMS"}}, False),
        ({"StringEqualsIgnoreCase": {SSE: "AWS:KMS"}}, True),
        ({"StringNotEqualsIgnoreCase": {SSE: "AWS:KMS"}}, False),
        ({"Null": {SSE: "false"}}, True),
        ({"Null": {SSE: True}}, False),
        ({"StringEquals": {"s3:x-amz-acl": "public-read"}}, False),
        ({"Null": {SSE: "false", "s3:x-amz-acl": "true"}}, True),
        ({"Null": {SSE: "false"}, "StringEquals": {"s3:x-amz-acl": "private"}}, False),
        ({"NumericLessThan": {"s3:TlsVersion": "many"}}, False),
    ],
    ids=str,
)
def test_deny_with_a_condition_holds_for_requests_that_fulfill_it(bucket, condition, is_denied):
    bucket.deny(condition)
    assert bucket.denies("put_object", **ENCRYPTED) is is_denied


@pytest.mark.observes("bucket-policy-operations")
def test_policy_holds_for_its_own_actions_and_resources_only(bucket):
    bucket.deny(action="s3:GetObject", keys="secret/*")
    assert not bucket.denies("put_object", Key="secret/key")
    assert bucket.denies("get_object", Key="secret/key")
    assert bucket.denies("head_object", Key="secret/key")
    assert not bucket.denies()
    bucket.deny(Resource=f"arn:aws:s3:::{bucket.name}")
    assert bucket.denies("list_objects_v2")
    assert bucket.denies("head_bucket")
    assert not bucket.denies()
    arn = f"arn:aws:s3:::{bucket.name}"
    bucket.store(
        {
            "Statement": {
                "Effect": "Deny",
                "Principal": {"AWS": ["*"]},
                "NotAction": ["s3:GetObject", "s3:*BucketPolicy"],
                "NotResource": [arn, f"{arn}/secret/*"],
            }
        }
    )
    assert bucket.denies("put_object")
    assert not bucket.denies("put_object", Key="secret/key")
    assert not bucket.denies("list_objects_v2")
    assert not bucket.denies()


@pytest.mark.observes("bucket-policy-operations")
def test_prefix_of_a_listing_is_compared(bucket):
    bucket.deny({"StringNotLike": {"s3:prefix": "open/*"}})
    assert bucket.denies("list_objects_v2")
    assert bucket.denies("list_objects_v2", Prefix="closed/")
    assert not bucket.denies("list_objects_v2", Prefix="open/a")


@pytest.mark.observes("bucket-policy-operations")
def test_of_several_objects_those_that_the_policy_protects_are_not_deleted(bucket):
    bucket.deny(action="s3:DeleteObject", keys="kept/*")
    objects = [{"Key": key} for key in ("kept/a", "stored")]
    response = bucket.s3.delete_objects(Bucket=bucket.name, Delete={"Objects": objects})
    assert [item["Key"] for item in response["Deleted"]] == ["stored"]
    errors = [(item["Key"], item["Code"]) for item in response["Errors"]]
    assert errors == [("kept/a", "AccessDenied")]
    assert bucket.denies("delete_object", Key="kept/a")
    assert not bucket.denies("delete_object")


@pytest.mark.observes("bucket-policy-actions")
def test_operation_without_an_action_in_moto_is_checked_as_the_plain_one(bucket):
    bucket.deny(action="s3:DeleteObject")
    assert bucket.denies("delete_object_tagging", Key="stored")


@pytest.mark.observes("bucket-policy-callers")
def test_deny_for_certain_callers_holds_for_these_identities_of_the_local_iam_only(account, bucket):
    roles = [account.create_role("lambda.amazonaws.com") for _ in range(2)]
    named, other = (session_of(account, role) for role in roles)
    bucket.deny(Principal={"AWS": roles[0]})
    assert [bucket.denies(client=client) for client in (named, other, None)] == [True, False, False]
    bucket.deny({"ArnNotEquals": {"aws:PrincipalArn": roles[0]}})
    assert [bucket.denies(client=client) for client in (named, other, None)] == [False, True, False]
    bucket.deny(Principal={"Service": "logging.s3.amazonaws.com"})
    assert [bucket.denies(client=client) for client in (named, other, None)] == [False] * 3
    bucket.deny(Principal={"AWS": f"arn:aws:iam::{OWN}:root"})
    assert [bucket.denies(client=client) for client in (named, other, None)] == [True] * 3


@pytest.mark.observes("bucket-policy-root")
def test_root_can_replace_and_delete_a_policy_that_denies_everything(account, bucket):
    role = session_of(account, account.create_role("lambda.amazonaws.com"))
    bucket.deny()
    assert bucket.denies("put_bucket_policy", Policy="{}", client=role)
    assert bucket.denies("get_bucket_policy", client=role)
    assert not bucket.denies("get_bucket_policy")
    bucket.deny()
    assert not bucket.denies("delete_bucket_policy")
    assert not bucket.denies()


@pytest.mark.observes("bucket-policy-grants")
def test_policy_of_a_bucket_grants_nothing_to_a_role(account, bucket):
    role = account.create_role("lambda.amazonaws.com")
    client = session_of(account, role, {"Effect": "Allow", "Action": "sns:*", "Resource": "*"})
    bucket.deny(Effect="Allow", Principal={"AWS": role})
    assert bucket.denies(client=client)
    bucket.deny(Effect="Allow")
    assert bucket.denies(client=client)
    assert bucket.denies(client=client_of(account, config=Config(signature_version=UNSIGNED)))


@pytest.mark.slow
@pytest.mark.observes("bucket-policy-unknown")
def test_deny_that_cannot_be_evaluated_has_no_effect_and_the_log_names_it(tmp_path):
    conditions = [
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        {"ForAnyValue:StringEquals": {"aws:PrincipalAccount": OWN}},
        {"StringNotEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/account}"}},
    ]
    log = tmp_path / "log"
    with running_local_aws(log=log) as aws:
        bucket = Bucket(Account(aws))
        for condition in conditions:
            bucket.deny({"Bool": {"aws:SecureTransport": "true"}, **condition})
            assert not bucket.denies()
        statement = {"Effect": "Deny", "NotPrincipal": {"AWS": OTHER}, "Action": "s3:*"}
        bucket.store({"Statement": statement | {"Resource": "*"}})
        assert not bucket.denies()
    lines = [line for line in log.read_text().splitlines() if f"bucket {bucket.name} have" in line]
    assert [line.rpartition("evaluate: ")[2] for line in lines] == [
        "NotIpAddress aws:SourceIp",
        "StringNotEquals aws:SourceVpce",
        "ForAnyValue:StringEquals aws:PrincipalAccount",
        "StringNotEquals aws:PrincipalAccount",
        "NotPrincipal",
    ]


@pytest.mark.observes("bucket-policy-malformed")
@pytest.mark.parametrize(
    "policy", ["{", "[]", "{}", '{"Statement": ["Deny"]}', '{"Statement": {"Action": "s3:*"}}']
)
def test_malformed_policy_is_refused_and_the_stored_one_stays(bucket, policy):
    bucket.deny(action="s3:DeleteObject")
    request = {"Bucket": bucket.name, "Policy": policy}
    assert refusal(bucket.s3.put_bucket_policy, **request)[0] == "MalformedPolicy"
    assert bucket.denies("delete_object")


@pytest.mark.observes("iam-conditions")
def test_policy_of_a_role_is_evaluated_with_the_same_conditions(account, bucket):
    arn = f"arn:aws:s3:::{bucket.name}"
    client = session_of(
        account,
        account.create_role("lambda.amazonaws.com"),
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": arn,
            "Condition": {"StringLike": {"s3:prefix": "open/*"}},
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"{arn}/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        },
        {
            "Effect": "Deny",
            "Action": "s3:PutObject",
            "Resource": "*",
            "Condition": {"StringNotEquals": {SSE: "aws:kms"}},
        },
    )
    assert bucket.denies("list_objects_v2", client=client)
    assert not bucket.denies("list_objects_v2", client=client, Prefix="open/a")
    assert not bucket.denies(client=client)  # as if the unknown condition were fulfilled
    assert bucket.denies("put_object", client=client)
    assert not bucket.denies("put_object", client=client, **ENCRYPTED)
