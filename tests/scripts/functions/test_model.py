"""The Lambda model is read from the archive only if it matches the manifest."""

import hashlib
import io
import json

import pytest
from botocore.response import StreamingBody

from local_aws.tests.account import archive
from newsgroup_classifier.artifacts import LAMBDA_MODEL
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.model_archives import ModelArchive
from scripts.functions.deployment import read_lambda_model
from tests.scripts.stubbed import stub

MODEL = b"a model"
MANIFEST = json.dumps({"files": {LAMBDA_MODEL: hashlib.sha256(MODEL).hexdigest()}})
ARCHIVE = ModelArchive("s3://bucket/jobs/j/model.tar.gz", "version-1", "0" * 64)


def read(content: bytes) -> bytes:
    """Read the model from an archive in S3."""
    aws = Aws("us-east-1")
    stubber = stub(aws, "s3")
    body = StreamingBody(io.BytesIO(content), len(content))
    expected = {"Bucket": "bucket", "Key": "jobs/j/model.tar.gz", "VersionId": "version-1"}
    stubber.add_response("get_object", {"Body": body}, expected)
    try:
        return read_lambda_model(aws, ARCHIVE)
    finally:
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("prefix", ["", "./"])
def test_read_lambda_model_returns_the_member_of_the_archive(prefix):
    files = {f"{prefix}{LAMBDA_MODEL}": MODEL, f"{prefix}manifest.json": MANIFEST}
    assert read(archive({"model.joblib": b"x"} | files)) == MODEL


def test_model_that_could_not_be_exported_is_refused_with_the_part_to_blame():
    manifest = json.dumps({"files": {}, "not_for_lambda": "SVC is not a linear classifier"})
    with pytest.raises(DeploymentError, match=r"a linear classifier\. Only an endpoint serves it"):
        read(archive({"manifest.json": manifest}))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive({"manifest.json": MANIFEST}), "has no lambda/model.npz; expected the archive of"),
        (archive({LAMBDA_MODEL: MODEL}), "expected None as in manifest.json"),
        (archive({}), "has no lambda/model.npz"),
        (archive({LAMBDA_MODEL: b"x", "manifest.json": MANIFEST}), "was modified: its sha256 is"),
        (archive({LAMBDA_MODEL: MODEL, "manifest.json": "{}"}), "expected None as in"),
        (archive({LAMBDA_MODEL: MODEL, "manifest.json": "["}), "expected None as in"),
        (b"not an archive", "is not a valid archive"),
        (archive({LAMBDA_MODEL: MODEL, "manifest.json": MANIFEST})[:40], "is not a valid archive"),
    ],
)
def test_read_lambda_model_refuses_an_unexpected_archive(content, reason):
    with pytest.raises(DeploymentError) as raised:
        read(content)
    assert reason in str(raised.value)
    assert "s3://bucket/jobs/j/model.tar.gz" in str(raised.value)


def test_read_lambda_model_of_a_missing_archive_fails():
    aws = Aws("us-east-1")
    stub(aws, "s3").add_client_error("get_object", "NoSuchKey")
    with pytest.raises(DeploymentError, match=r"model.tar.gz does not exist; train the model"):
        read_lambda_model(aws, ARCHIVE)
