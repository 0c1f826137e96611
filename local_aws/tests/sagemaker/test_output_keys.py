"""KMS keys of outputs: jobs store their objects under them, as PutObject does."""

from typing import Any

import pytest

from local_aws.tests.account import Account, unique
from local_aws.tests.permissions.buckets import Bucket
from local_aws.tests.sagemaker.processing.processings import Processings

KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
DEFAULT = "alias/aws/s3"


def keys_under(account: Account, uri: str) -> dict[str, Any]:
    """Return the key of each object under a prefix."""
    bucket, prefix = uri.removeprefix("s3://").split("/", 1)
    listed = account.s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    names = [item["Key"] for item in listed]
    heads = {name: account.s3.head_object(Bucket=bucket, Key=name) for name in names}
    assert all(head["ServerSideEncryption"] == "aws:kms" for head in heads.values())
    return {name.rpartition("/")[2]: head["SSEKMSKeyId"] for name, head in heads.items()}


@pytest.mark.slow
@pytest.mark.observes("output-kms-key")
def test_archives_of_a_training_job_are_stored_under_its_key(account):
    output = {"S3OutputPath": f"s3://{account.bucket}/{unique('keys')}", "KmsKeyId": KEY}
    program = """
import os
open(os.environ["SM_MODEL_DIR"] + "/model", "w").close()
open(os.environ["SM_OUTPUT_DATA_DIR"] + "/report", "w").close()
"""
    job = account.finished_job(account.start_job(program, OutputDataConfig=output))
    assert job["OutputDataConfig"]["KmsKeyId"] == KEY
    assert keys_under(account, output["S3OutputPath"]) == {
        "model.tar.gz": KEY,
        "output.tar.gz": KEY,
    }


@pytest.mark.slow
@pytest.mark.observes("output-kms-default")
def test_model_without_a_key_can_be_stored_in_a_bucket_that_requires_kms(account):
    bucket = Bucket(account)
    bucket.deny({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, "s3:PutObject")
    output = {"S3OutputPath": f"s3://{bucket.name}/out"}
    account.run_job("print('done')", OutputDataConfig=output)
    assert keys_under(account, output["S3OutputPath"]) == {"model.tar.gz": DEFAULT}


@pytest.mark.observes("output-kms-key")
def test_outputs_of_a_processing_job_are_stored_under_its_key(account):
    processings = Processings(account)
    output = processings.output("out")
    job = processings.run(
        "open('/opt/ml/processing/out/a.txt', 'w').close()",
        ProcessingOutputConfig={"Outputs": [output], "KmsKeyId": KEY},
    )
    assert job["ProcessingOutputConfig"]["KmsKeyId"] == KEY
    assert keys_under(account, output["S3Output"]["S3Uri"]) == {"a.txt": KEY}


@pytest.mark.slow
@pytest.mark.observes("output-kms-key", "output-kms-default")
@pytest.mark.parametrize(("target", "key"), [({"KmsKeyId": KEY}, KEY), ({}, DEFAULT)])
def test_outputs_of_a_transform_job_are_stored_under_its_key(account, transforms, target, key):
    job = transforms.run({"a.txt": b"one"}, target=target)
    assert keys_under(account, job["TransformOutput"]["S3OutputPath"]) == {"a.txt.out": key}
