"""A registered model is measured on a channel in a processing job, and its package says where."""

import json
import threading

import pytest

from local_aws.tests.account import eventually
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE

PLOTS = {"confusion_matrix.png", "roc_curves.png", "precision_recall_curves.png"}


@pytest.fixture(scope="module")
def evaluated(small):
    return small.scripts.run("evaluate")


def test_model_has_the_metrics_of_its_training_on_the_test_channel(small, evaluated):
    result = evaluated.result
    assert set(result) == KEYS["evaluate"]
    assert result["channel"] == "test"
    assert result["model_package_arn"] == small.train["model_package_arn"]
    for name in ("accuracy", "macro_f1", "weighted_precision"):
        assert result["metrics"][name] == pytest.approx(small.train["metrics"][name], abs=1e-9)
    assert f"accuracy {result['metrics']['accuracy']:.4f} on" in evaluated.stderr
    assert "(generated sample)" in evaluated.stderr


def test_output_has_metrics_and_plots_whose_address_the_package_keeps(small, evaluated):
    scripts, output = small.scripts, evaluated.result["output"]
    bucket, _, prefix = output.removeprefix("s3://").partition("/")
    listed = scripts.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/")["Contents"]
    assert {item["Key"].rpartition("/")[2] for item in listed} == {*PLOTS, "metrics.json"}
    stored = json.loads(scripts.read_object(f"{output}/metrics.json"))
    assert stored == evaluated.result["metrics"]
    package = scripts.client("sagemaker").describe_model_package(
        ModelPackageName=small.train["model_package_arn"]
    )
    properties = package["CustomerMetadataProperties"]
    assert properties["evaluation-test"] == f"{output}/metrics.json"
    assert {"approved-by", "channel-test", "code-sha256"} <= set(properties)  # which remain
    assert package["ModelApprovalStatus"] == "Approved"


@pytest.mark.slow
def test_rejection_while_the_job_runs_stays_recorded(small):
    sagemaker, arn = small.scripts.client("sagemaker"), small.train["model_package_arn"]

    def properties():
        found = sagemaker.describe_model_package(ModelPackageName=arn)
        return found["CustomerMetadataProperties"]

    ended = []
    evaluating = threading.Thread(
        target=lambda: ended.append(small.scripts.run("evaluate", "--package", arn))
    )
    evaluating.start()
    running = {"StatusEquals": "InProgress"}
    eventually(lambda: sagemaker.list_processing_jobs(**running)["ProcessingJobSummaries"])
    rejected = properties() | {"rejected-by": "someone"}
    sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties=rejected)
    evaluating.join()
    address = f"{ended[0].result['output']}/metrics.json"
    assert properties() == rejected | {"evaluation-test": address}


def test_dry_run_prints_the_calls_and_makes_none(small):
    calls = small.scripts.run("evaluate", "--channel", "train", "--dry-run").result["calls"]
    assert [call["operation"] for call in calls] == [
        *("put_object", "create_processing_job", "update_model_package")
    ]
    inputs = {
        item["InputName"]: item["S3Input"] for item in calls[1]["parameters"]["ProcessingInputs"]
    }
    assert inputs["channel"]["S3Uri"].endswith("/train/")


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (("--recipe", "digits-cnn"), "no model of digits-cnn is registered"),
        (("--recipe", "newsgroups-linear"), "no model of newsgroups-linear is registered"),
        (("--package", "nonsense"), "there is no model package 'nonsense'"),
        (("--data", "nonsense"), "--data 'nonsense' is not a version of the data"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(small, flags, reason):
    named = () if "--recipe" in flags else ("--recipe", RECIPE)
    assert reason in small.scripts.run("evaluate", *named, *flags).error
