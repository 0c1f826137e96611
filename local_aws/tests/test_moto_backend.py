"""Operations that moto lacks are refused as not implemented, in every protocol of AWS."""

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.testing import LocalAws
from local_aws.tests.account import Account
from local_aws.tests.raw_http import send_raw


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("ssm", "list_nodes", {}),
        ("xray", "list_resource_policies", {}),
        (
            "iam",
            "simulate_custom_policy",
            {"PolicyInputList": ["{}"], "ActionNames": ["s3:GetObject"]},
        ),
    ],
    ids=["JSON", "no route", "query"],
)
def test_operation_that_moto_lacks_is_refused_without_a_retry(
    local_aws: LocalAws, service, operation, request_
):
    client = boto3.client(
        service,
        endpoint_url=local_aws.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**request_)
    response = caught.value.response
    assert response["Error"]["Code"] == "NotImplemented"
    assert f"moto, which provides {service} in the local AWS" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


def test_managed_policy_of_aws_can_be_attached(account: Account):
    role = account.create_role("lambda.amazonaws.com").rsplit("/", 1)[1]
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    account.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    attached = account.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [arn]


def test_stored_page_that_looks_like_an_error_page_is_returned_unchanged(account: Account):
    page = b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>"
    account.upload("page.html", page)
    stored = account.s3.get_object(Bucket=account.bucket, Key="page.html")["Body"].read()
    assert stored == page


def test_request_that_makes_moto_fail_is_refused(account: Account):
    request = (
        b"POST /endpoints/name/invocations/ HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Credential=a/1/nowhere-9/sagemaker/aws4_request\r\n"
        b"Content-Length: 1\r\n\r\n?"
    )
    assert send_raw(account.aws.url, request).status == 501


@pytest.mark.observes("bucket-names")
@pytest.mark.parametrize(
    "name",
    [
        *(
            "Upper",
            "under_score",
            "ab",
            "a" * 64,
            "a..b",
            "-a-b",
            "a-b-",
            ".abc",
            "abc.",
            "192.168.5.4",
        ),
        *("xn--abc", "sthree-abc", "amzn-s3-demo-abc", "abc-s3alias", "abc--ol-s3", "abc.mrap"),
        "abc--table-s3",
    ],
)
def test_bucket_name_that_s3_does_not_allow_is_refused(account: Account, name):
    with pytest.raises(ClientError) as caught:
        account.s3.create_bucket(Bucket=name)
    assert caught.value.response["Error"]["Code"] == "InvalidBucketName"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize("name", ["abc", "1.2.3", "a-b.c-9", "a" * 63, "192.168.5.4.com", "a--b"])
def test_bucket_name_that_s3_allows_is_accepted(account: Account, name):
    account.s3.create_bucket(Bucket=name)
    account.s3.delete_bucket(Bucket=name)
