"""Missing or unsafe model archives: the endpoint fails with a reason."""

import gzip
import os

import pytest

from local_aws.tests.account import IMAGE, Account, archive, refusal, unique


def failure_of(account: Account, data: bytes) -> str:
    """Deploy an archive that must be rejected; return the reason."""
    uri = account.upload(f"{unique('model')}/model.tar.gz", data)
    reason = account.failure_of({"Image": IMAGE, "ModelDataUrl": uri})
    assert uri in reason
    return reason


@pytest.mark.observes("no-model-data")
@pytest.mark.parametrize("bucket", ["", "a-missing-bucket", "INVALID_BUCKET_NAME"])
def test_model_of_a_missing_archive_is_refused_with_its_uri(account, bucket):
    uri = f"s3://{bucket or account.bucket}/{unique('no')}/model.tar.gz"
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    code, message = refusal(lambda: account.create_config(container))
    assert (code, message) == ("ValidationException", f"Could not find model data at {uri}.")


def test_model_archive_that_was_deleted_fails_the_endpoint_with_its_uri(account):
    container = account.packed_container("")
    config, uri = account.create_config(container), container["ModelDataUrl"]
    account.s3.delete_object(Bucket=account.bucket, Key=uri.split("/", 3)[3])
    name = unique("endpoint")
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert f"Could not download {uri}" in endpoint["FailureReason"]


def test_damaged_or_unsafe_model_archive_fails_the_endpoint(account):
    damaged = archive({"model.joblib": os.urandom(100_000)})[:-1]
    assert "is not a complete tar.gz archive" in failure_of(account, damaged)
    outside = archive({"../outside": b"x"})
    assert "unsafe path '../outside'" in failure_of(account, outside)


@pytest.mark.observes("not-bundle-unchecked")
def test_container_whose_source_bundle_was_changed_does_not_start(account):
    bundle = gzip.compress(gzip.decompress(archive({"serve.py": "result = 1\n"})), 0)
    uri = account.upload(f"{unique('code')}/sourcedir.tar.gz", bundle.replace(b"= 1", b"= 2"))
    environment = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": uri}
    reason = account.failure_of({"Image": IMAGE, "Environment": environment})
    assert reason.startswith(f"{uri} is not a complete tar.gz archive: CRC check failed")
