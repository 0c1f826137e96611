"""The output of each command of a release, and the metrics on the published split."""

import json
import os
import re

import pytest

from newsgroup_classifier.datasets.newsgroups import GROUPS
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE

# The metrics of the newsgroup tutorial, which the recipe reproduces to the last digit.
TUTORIAL = {
    "accuracy": 0.8187732342007435,
    "macro_f1": 0.8118865539222201,
    "train_rows": 11314,
    "train_features": 85964,
    "train_non_zeros": 1149626,
}
on_real_data = pytest.mark.skipif(
    not os.environ.get("DATASETS_DIR"), reason="DATASETS_DIR is not set"
)


def test_setup_prints_the_stack_the_bucket_and_the_role(release):
    assert set(release.setup) == KEYS["setup"]


def test_upload_data_prints_the_addresses_of_both_channels(release):
    bucket = release.setup["bucket"]
    version = release.upload_data["data_version"]
    assert re.fullmatch("[0-9a-f]{32}", version)
    assert release.upload_data["channels"] == {
        name: f"s3://{bucket}/data/20newsgroups/{version}/{name}/" for name in ("train", "test")
    }
    assert release.train["data_version"] == version


def test_train_prints_the_model_of_its_job(release):
    train = release.train
    assert train["approval_status"] == "Approved"
    assert train["data"] == release.upload_data["data"]
    assert release.training_job["ModelArtifacts"]["S3ModelArtifacts"] == train["model_artifacts"]


def test_deploy_prints_the_endpoint_with_its_configuration_model_and_package(release):
    deploy = release.deploy
    assert set(deploy) == KEYS["deploy"]
    assert deploy["endpoint_name"] == f"{RECIPE}-pipeline"
    assert deploy["model_package_arn"] == release.train["model_package_arn"]
    endpoint = release.scripts.client("sagemaker").describe_endpoint(
        EndpointName=deploy["endpoint_name"]
    )
    assert endpoint["EndpointConfigName"] == deploy["endpoint_config_name"]
    assert endpoint["EndpointStatus"] == "InService"


def test_invoke_prints_the_predictions(release, posts, model):
    text = posts[0].text
    result = release.scripts.run("invoke", "-", stdin=text).result
    assert set(result) == {"predictions"}
    assert [item["label"] for item in result["predictions"]] == model.labels([text])


def test_test_channel_has_every_group(posts):
    assert {post.group for post in posts} == set(GROUPS)


@on_real_data
def test_metrics_on_the_published_test_posts_are_those_of_the_tutorial(release, posts):
    assert len(posts) == 7532
    metrics = {name: release.train["metrics"][name] for name in TUTORIAL}
    assert metrics == pytest.approx(TUTORIAL, abs=1e-12, rel=0)


def test_final_metrics_of_the_job_are_those_that_train_prints(release):
    metrics = release.training_job["FinalMetricDataList"]
    final = {item["MetricName"]: item["Value"] for item in metrics}
    assert len(final) == 5
    for name, value in final.items():
        # The API returns these metrics in single precision.
        assert value == pytest.approx(
            release.train["metrics"][name.removeprefix("test:")], rel=1e-12
        )


def test_log_of_the_job_has_every_metric_to_the_last_digit(release):
    lines = "\n".join(release.scripts.training_log(release.train["training_job_name"]))
    matches = re.findall(r"^(test:|train:)(\w+)=(.+)$", lines, re.MULTILINE)
    metrics = {
        ("train_" if split == "train:" else "") + name: json.loads(value)
        for split, name, value in matches
    }
    assert metrics == release.train["metrics"]


def test_uploaded_channel_has_its_source_and_columns(release):
    response = release.scripts.get_object(f"{release.upload_data['channels']['train']}train.csv")
    assert response["Metadata"] == {"source": release.upload_data["data"]}
    header = next(response["Body"].iter_lines())
    assert header.replace(b'"', b"") == b"data,data_subject,label_names,label"
