"""Addresses of objects that a program signs, and that others use without credentials."""

import time
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config

from local_aws.permissions.buckets import is_expired
from local_aws.testing import REGION
from local_aws.tests.account import Account, unique

NOW = 1_796_060_000  # 2026-11-30, 17:33:20 UTC
QUERY = "http://localhost/b/k?X-Amz-Credential=a&X-Amz-Date=20261130T173320Z&X-Amz-Expires=60"


@pytest.fixture(params=["s3", "s3v4"])
def s3(account: Account, request):
    """Return a client that signs addresses in one of S3's two ways."""
    return boto3.client(
        "s3",
        REGION,
        endpoint_url=account.aws.url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(signature_version=request.param),
    )


@pytest.mark.parametrize("body", [b"a=1&key=2&file=3", bytes(range(256))], ids=["form", "binary"])
def test_object_is_stored_whole_although_its_content_type_is_that_of_a_form(account, s3, body):
    where = {"Bucket": account.bucket, "Key": unique("form")}
    address = s3.generate_presigned_url("put_object", Params=where)
    request = urllib.request.Request(address, body, method="PUT")  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310
    stored = s3.get_object(**where)
    form = "application/x-www-form-urlencoded"  # which urllib and curl send unless told otherwise
    assert (stored["Body"].read(), stored["ContentType"]) == (body, form)


@pytest.mark.observes("presigned-expiry")
def test_address_is_refused_once_it_has_expired(account, s3):
    account.upload("expiring", b"text")
    where = {"Bucket": account.bucket, "Key": "expiring"}
    short = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=1)
    long = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    time.sleep(2.1)  # the moment of the signature has no fraction of a second
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(short)  # noqa: S310
    assert caught.value.code == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in caught.value.read()
    with urllib.request.urlopen(long) as response:  # noqa: S310
        assert response.read() == b"text"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (QUERY, [False, True]),
        (f"http://localhost/b/k?AWSAccessKeyId=a&Expires={NOW + 60}", [False, True]),
        (QUERY.partition("&X-Amz-Expires")[0], [True, True]),
        ("http://localhost/b/k?AWSAccessKeyId=a&Expires=soon", [True, True]),
    ],
)
def test_address_expires_after_its_last_second(address, expected):
    assert [is_expired(address, NOW + seconds) for seconds in (60, 61)] == expected
