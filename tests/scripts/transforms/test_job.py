"""A transform job that its command no longer waits for is stopped, since its model is deleted."""

import pytest
from botocore.exceptions import ClientError

from scripts.account.aws import Aws
from scripts.transforms.plans import transform_call
from scripts.transforms.report import run_job
from tests.scripts.stubbed import stub
from tests.scripts.transforms.test_plans import plan


def described(status):
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in/"}}}
    return {
        "TransformJobName": plan().model.name,
        "TransformJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:transform-job/{'x' * 8}",
        "TransformJobStatus": status,
        "ModelName": "model",
        "TransformInput": source,
        "TransformResources": resources,
        "CreationTime": 0,
    }


def test_job_is_stopped_if_the_wait_for_it_fails():
    aws, job = Aws("us-east-1"), {"TransformJobName": plan().model.name}
    stubber = stub(aws, "sagemaker")
    arn = {"TransformJobArn": described("InProgress")["TransformJobArn"]}
    stubber.add_response("create_transform_job", arn, transform_call(plan()).parameters)
    stubber.add_client_error("describe_transform_job", "ThrottlingException", "Rate exceeded")
    stubber.add_response("stop_transform_job", {}, job)
    stubber.add_response("describe_transform_job", described("Stopped"), job)
    with pytest.raises(ClientError, match="Rate exceeded"):
        run_job(aws, plan())
    stubber.assert_no_pending_responses()


def test_job_that_was_refused_is_not_stopped():
    aws = Aws("us-east-1")
    stubber = stub(aws, "sagemaker")
    stubber.add_client_error(
        "create_transform_job", "ValidationException", "no model", http_status_code=400
    )
    with pytest.raises(ClientError, match="no model"):
        run_job(aws, plan())
    stubber.assert_no_pending_responses()
