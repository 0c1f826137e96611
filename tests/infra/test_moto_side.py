"""What moto does not have is refused as not implemented, once, in every protocol of AWS."""

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.infra.account import Account
from tests.infra.raw_http import send_raw
from tests.local_aws_process import LocalAws


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("ssm", "list_nodes", {}),
        (
            "iam",
            "simulate_principal_policy",
            {"PolicySourceArn": "arn:aws:iam::123456789012:role/x", "ActionNames": ["s3:Get*"]},
        ),
    ],
    ids=["JSON", "query"],
)
def test_operation_that_moto_lacks_is_refused_by_its_service(
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
    answer = caught.value.response
    assert answer["Error"]["Code"] == "NotImplemented"
    assert f"moto, which serves {service} in the local AWS" in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def test_request_over_which_moto_stumbles_is_refused(account: Account):
    request = (
        b"POST /endpoints/name/invocations/ HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Credential=a/1/nowhere-9/sagemaker/aws4_request\r\n"
        b"Content-Length: 1\r\n\r\n?"
    )
    assert send_raw(account.aws.url, request).status == 501
