"""Requests that match the types of the service model but cannot be carried out."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import VARIANT, Account, unique
from local_aws.tests.raw_http import send_raw
from local_aws.tests.stages import processes_of

JOB = "CreateTrainingJob"


def send(account: Account, operation: str, request: dict[str, Any]) -> tuple[int | None, str]:
    """Send a request as JSON without boto3's checks; return status and body."""
    body = json.dumps(request).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"X-Amz-Target: SageMaker.{operation}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    response = send_raw(account.aws.url, head.encode() + body)
    return response.status, response.body.decode()


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfff"], ids=["NUL", "high", "low"])
def test_invalid_text_is_rejected_with_its_path(account, text):
    request = account.job_request({}, Environment={"KEY": text})
    status, body = send(account, JOB, request)
    assert status == 400
    assert "at 'environment.KEY.member'" in body
    assert "be Unicode text without NUL" in body
    status, body = send(account, JOB, account.job_request({}, Environment={text: "x"}))
    assert status == 400
    assert "at 'environment.key'" in body


@pytest.mark.parametrize("number", [2**31, 10**400, -(10**400)], ids=["2^31", "10^400", "-10^400"])
def test_number_that_is_too_large_is_rejected_with_its_path(account, number):
    status, body = send(
        account, JOB, account.job_request({}, StoppingCondition={"MaxRuntimeInSeconds": number})
    )
    assert status == 400
    assert "axRuntimeInSeconds" in body


@pytest.mark.parametrize("weight", [1e39, 10**400, float("inf"), float("nan")])
def test_weight_that_is_not_a_single_precision_number_is_rejected_with_its_path(account, weight):
    variant = {"VariantName": VARIANT, "ModelName": "any", "InitialVariantWeight": weight}
    request = {"EndpointConfigName": unique("config"), "ProductionVariants": [variant]}
    status, body = send(account, "CreateEndpointConfig", request)
    assert status == 400
    assert "initialVariantWeight" in body
    assert "be a number of type float" in body


def test_endpoint_with_more_instances_than_the_quota_is_rejected_and_starts_nothing(account):
    name = unique("many")
    container = account.packed_container("")
    account.sagemaker.create_model(ModelName=name, PrimaryContainer=container)
    variant = {
        "VariantName": VARIANT,
        "ModelName": name,
        "InitialInstanceCount": 2_000_000_000,
        "InstanceType": "ml.m5.large",
    }
    account.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    with pytest.raises(ClientError, match=r"ResourceLimitExceeded.*is 20 Instances"):
        account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert processes_of(name) == []
    assert not account.sagemaker.list_endpoints(NameContains=name)["Endpoints"]


def test_job_without_resources_is_rejected(account):
    request = account.job_request({})
    del request["ResourceConfig"]
    with pytest.raises(ClientError, match=r"ValidationException.*ResourceConfig is missing"):
        account.sagemaker.create_training_job(**request)
