"""An iris program in the style of AWS's script-mode examples trains and deploys with boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account

TWO_ROWS = "5.1,3.5,1.4,0.2\n6.5,3.0,5.8,2.2"


def invoke(account: Account, endpoint: str, body: str | bytes, **headers: str) -> dict[str, Any]:
    return dict(account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers))


def refused(account: Account, endpoint: str, body: str | bytes, **headers: str) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        invoke(account, endpoint, body, **headers)
    return dict(caught.value.response)


def test_iris_job_started_with_boto3_completes(iris_job):
    assert iris_job["TrainingJobStatus"] == "Completed"
    assert "FailureReason" not in iris_job


@pytest.mark.observes("serve-submit-directory-s3", "serve-default-predict")
def test_iris_endpoint_responds_to_csv_with_json(account, iris_endpoint):
    response = invoke(account, iris_endpoint, TWO_ROWS, ContentType="text/csv")
    assert json.load(response["Body"]) == [0, 2]
    assert response["ContentType"] == "application/json"


def test_iris_endpoint_responds_to_json_with_json(account, iris_endpoint):
    body = json.dumps([[5.1, 3.5, 1.4, 0.2]])
    response = invoke(account, iris_endpoint, body, ContentType="application/json")
    assert json.load(response["Body"]) == [0]


def test_iris_endpoint_returns_csv_with_a_charset(account, iris_endpoint):
    response = invoke(account, iris_endpoint, TWO_ROWS, ContentType="text/csv", Accept="text/csv")
    assert response["Body"].read() == b"0\n2\n"
    assert response["ContentType"] == "text/csv; charset=utf-8"


def test_iris_endpoint_names_the_variant_that_responded(account, iris_endpoint):
    response = invoke(account, iris_endpoint, TWO_ROWS, ContentType="text/csv")
    assert response["InvokedProductionVariant"] == "AllTraffic"


@pytest.mark.observes("serve-one-row", "pipeline-error")
def test_iris_endpoint_returns_for_one_csv_row_an_html_error_page(account, iris_endpoint):
    error = refused(account, iris_endpoint, "5.1,3.5,1.4,0.2", ContentType="text/csv")
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == 500
    assert "<title>500 Internal Server Error</title>" in error["OriginalMessage"]
    assert "Received server error (500) from model with message" in error["Error"]["Message"]


def test_iris_endpoint_error_names_the_log_group_of_the_endpoint(account, iris_endpoint):
    error = refused(account, iris_endpoint, "[[1, 2]]", ContentType="application/json")
    group = f"/aws/sagemaker/Endpoints/{iris_endpoint}"
    assert group in error["LogStreamArn"]
    assert group in error["Error"]["Message"]
