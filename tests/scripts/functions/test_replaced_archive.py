"""A release to Lambda reads the model from the approved version of the archive, or is refused."""

import argparse
import json

import pytest

from local_aws.tests.account import archive, unique
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.model_archives import record_model
from scripts.account.naming import DEFAULT_STACK
from scripts.functions import deployment, release
from scripts.functions.access import FLAGS

RECIPE, ARN = "spooky-ngrams", "arn:aws:sagemaker:us-east-1:123456789012:model-package/x/1"


def test_replaced_archive_is_refused_before_a_stack_is_created(local_aws, monkeypatch):
    bucket = unique("lambda-models")
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    monkeypatch.setenv("NEWSGROUP_CLASSIFIER_BUCKET", bucket)
    monkeypatch.setenv("NEWSGROUP_CLASSIFIER_ROLE_ARN", "arn:aws:iam::123456789012:role/a-role")
    monkeypatch.setattr(release, "build_package", lambda target, folder: b"a package")
    aws = Aws("us-east-1")
    s3, key = aws.client("s3"), f"jobs/{RECIPE}/j/output/model.tar.gz"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key=key, Body=archive({"manifest.json": json.dumps({})}))
    recorded = record_model(aws, f"s3://{bucket}/{key}")
    package = {
        "ModelPackageArn": ARN,
        "InferenceSpecification": {"Containers": [{"ModelDataUrl": recorded.uri}]},
        "CustomerMetadataProperties": recorded.properties,
    }
    s3.put_object(Bucket=bucket, Key=key, Body=archive({"manifest.json": json.dumps([])}))
    numbers = dict.fromkeys(("memory", "concurrency", "rate", "burst", "page", "email", *FLAGS))
    numbers |= dict.fromkeys(("canary", "linear", "bake", "alarm", "log_days"))
    arguments = argparse.Namespace(stack=DEFAULT_STACK, dry_run=False, yes=True, **numbers)
    with pytest.raises(DeploymentError, match=f"^s3://{bucket}/{key} was replaced after {ARN} was"):
        deployment.release_function(aws, RECIPES[RECIPE], package, arguments)
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
