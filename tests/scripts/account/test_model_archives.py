"""A registered model is bound to the bytes and the version of its archive."""

import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_aws.testing import LocalAws
from local_aws.tests.account import archive, unique
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws
from scripts.account.lineage import LINEAGE, read_lineage
from scripts.account.model_archives import (
    SHA256,
    VERSION,
    ModelArchive,
    approved_archive,
    check_versioned,
    record_model,
)
from scripts.account.naming import DEFAULT_STACK
from scripts.endpoints.plans import archive_call
from tests.scripts.endpoints.plans import release_plan

REGION = "eu-west-3"
RECIPE = Recipe(name="a-recipe", summary="a recipe", dataset="spooky", hyperparameters=())
ARN = f"arn:aws:sagemaker:{REGION}:123456789012:model-package/a-recipe/3"
CONTENT = archive({"model.joblib": b"a model", "manifest.json": b"{}"})


@dataclass(frozen=True)
class Bucket:
    """A versioned bucket of the local AWS."""

    aws: Aws
    name: str

    def put(self, content: bytes, key: str = "jobs/a-recipe/j/output/model.tar.gz") -> str:
        """Store an object; return its address."""
        self.aws.client("s3").put_object(Bucket=self.name, Key=key, Body=content)
        return f"s3://{self.name}/{key}"


@pytest.fixture
def bucket(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Create a versioned bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    bucket = Bucket(Aws(REGION), unique("models"))
    place = {"LocationConstraint": REGION}
    bucket.aws.client("s3").create_bucket(Bucket=bucket.name, CreateBucketConfiguration=place)
    enable(bucket, "Enabled")
    return bucket


def enable(bucket: Bucket, status: str) -> None:
    bucket.aws.client("s3").put_bucket_versioning(
        Bucket=bucket.name, VersioningConfiguration={"Status": status}
    )


def package(recorded: ModelArchive, *more: str) -> dict[str, Any]:
    """Return the description of a package with containers that load the archive."""
    return {
        "ModelPackageArn": ARN,
        "ModelPackageGroupName": "a-recipe",
        "InferenceSpecification": {
            "Containers": [{"ModelDataUrl": uri} for uri in (recorded.uri, *more)]
        },
        "CustomerMetadataProperties": recorded.properties,
    }


def refusal(bucket: Bucket, description: dict[str, Any]) -> str:
    with pytest.raises(DeploymentError) as caught:
        approved_archive(bucket.aws, DEFAULT_STACK, RECIPE, description)
    message = str(caught.value)
    assert ARN in message
    assert "\n" not in message
    assert message.endswith(
        "model again: python -m scripts.train --recipe a-recipe --region eu-west-3"
    )
    return message


def test_record_has_the_sha256_of_the_whole_archive_and_its_version(bucket):
    uri = bucket.put(CONTENT)
    recorded = record_model(bucket.aws, uri)
    head = bucket.aws.client("s3").head_object(
        Bucket=bucket.name, Key=uri.removeprefix(f"s3://{bucket.name}/")
    )
    assert recorded == ModelArchive(uri, head["VersionId"], hashlib.sha256(CONTENT).hexdigest())
    assert recorded.properties == {SHA256: recorded.sha256, VERSION: recorded.version_id}


def test_archive_as_it_was_registered_is_accepted(bucket):
    recorded = record_model(bucket.aws, bucket.put(CONTENT))
    description = package(recorded, recorded.uri)
    assert approved_archive(bucket.aws, DEFAULT_STACK, RECIPE, description) == recorded


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.just(CONTENT))
def test_archive_that_was_replaced_is_refused_even_by_the_same_bytes(bucket, content):
    recorded = record_model(bucket.aws, bucket.put(CONTENT))
    bucket.put(content)
    message = refusal(bucket, package(recorded))
    assert f"{recorded.uri} was replaced after " in message
    assert f"expected version {recorded.version_id}, found version " in message
    assert "Nothing was created." in message


def test_archive_with_another_sha256_than_the_recorded_one_is_refused(bucket):
    recorded = record_model(bucket.aws, bucket.put(CONTENT))
    other = ModelArchive(recorded.uri, recorded.version_id, "0" * 64)
    message = refusal(bucket, package(other))
    assert f"expected sha256 {'0' * 64}, found {recorded.sha256}" in message


def test_archive_that_was_deleted_is_refused(bucket):
    recorded = record_model(bucket.aws, bucket.put(CONTENT))
    source = {"Bucket": bucket.name, "Key": recorded.source["Key"]}
    bucket.aws.client("s3").delete_object(**source)
    message = refusal(bucket, package(recorded))
    assert f"{recorded.uri} was deleted after {ARN} was registered: expected version " in message
    assert f"version {recorded.version_id}, found none. Nothing was created." in message
    assert f"--bucket {bucket.name} --prefix {source['Key']} lists them), or train" in message


def test_archive_and_lineage_of_a_bucket_that_is_gone_are_refused(bucket):
    recorded = ModelArchive(f"s3://{unique('gone')}/model.tar.gz", "v", "0" * 64)
    description = package(recorded)
    assert "found none. Nothing was created." in refusal(bucket, description)
    description["CustomerMetadataProperties"][LINEAGE] = "0" * 64
    with pytest.raises(DeploymentError, match="found no object"):
        read_lineage(bucket.aws, description)


def test_package_whose_containers_load_several_archives_is_refused(bucket):
    recorded = record_model(bucket.aws, bucket.put(CONTENT))
    assert "have 2 model archives" in refusal(bucket, package(recorded, "s3://another/one.tar.gz"))


def test_release_copies_the_checked_version_if_the_archive_is_replaced_after_the_check(bucket):
    recorded = record_model(bucket.aws, bucket.put(CONTENT))
    plan = release_plan()
    changes = {"archive": recorded, "bucket": bucket.name}
    plan = type(plan)(**{**vars(plan), **changes})
    bucket.put(b"a replacement")
    bucket.aws.make(archive_call(plan))
    copy = bucket.aws.client("s3").get_object(**plan.model_object)
    assert copy["Body"].read() == CONTENT


@pytest.mark.parametrize("status", [None, "Suspended"])
def test_bucket_that_keeps_no_versions_is_refused(bucket, status):
    name, s3 = unique("plain"), bucket.aws.client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    if status:
        enable(Bucket(bucket.aws, name), status)
    words = "suspended" if status else "never enabled"
    with pytest.raises(DeploymentError) as caught:
        check_versioned(bucket.aws, name)
    assert str(caught.value).startswith(f"the versioning of bucket {name} is {words}; models are")
    assert f"aws s3api put-bucket-versioning --bucket {name}" in str(caught.value)
    check_versioned(bucket.aws, bucket.name)
