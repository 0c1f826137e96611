"""--dry-run prints the calls of a command in order, and makes none of them."""

import pytest

from tests.account_state import state_of
from tests.scripts.processes import RECIPE

REGISTER = ("create_model_package_group", "create_model_package")
PLANNED = {
    "setup": ["update_stack"],
    "upload_data": ["upload_file", "upload_file", "put_object"],
    "train --set alpha=0.5": ["put_object", "create_training_job", *REGISTER],
    "train --recipe digits-cnn --instance-count 2 --spot": [
        *("put_object", "create_training_job", *REGISTER)
    ],
    "tune --max-jobs 3": ["put_object", "create_hyper_parameter_tuning_job", *REGISTER],
    "deploy": [
        *("copy", "create_model"),
        *("create_endpoint_config", "create_endpoint", "delete_endpoint", "delete_endpoint_config"),
        *("delete_log_group", "add_tags", "tag_resource"),
        *("create_endpoint_config", "update_endpoint"),
    ],
    "deploy --smoke-seconds 0": [
        *("copy", "create_model", "add_tags", "tag_resource"),
        *("create_endpoint_config", "update_endpoint"),
    ],
    "deploy --endpoint-name other": [
        *("copy", "create_model", "create_log_group", "put_retention_policy"),
        *("create_endpoint_config", "create_endpoint"),
    ],
    "invoke text": ["invoke_endpoint"],
    "transform --input docs/posts.jsonl": [
        *("upload_file", "copy", "create_model", "create_transform_job"),
        *("delete_model", "delete_object"),
    ],
    "delete": [
        *("delete_endpoint", "delete_log_group", "delete_endpoint_config", "delete_model"),
        "delete_objects",
    ],
}


def planned(release, command):
    ended = release.scripts.run(*command.split(), "--dry-run")
    assert ended.result["dry_run"] is True
    return ended.result["calls"]


@pytest.mark.slow
@pytest.mark.parametrize("command", PLANNED)
def test_dry_run_prints_the_calls_and_makes_none(release, command):
    before = state_of(release.scripts)
    calls = planned(release, command)
    assert state_of(release.scripts) == before
    operations = [call["operation"] for call in calls]
    # Other tests can have releases in this region at the same time.
    assert sorted(set(operations)) == sorted(set(PLANNED[command]))
    assert command == "delete" or operations == PLANNED[command]
    for call in calls:
        assert set(call) == {"service", "operation", "parameters"}


@pytest.mark.slow
def test_dry_run_of_approve_prints_the_approval_and_leaves_the_package(release):
    arn = release.train["model_package_arn"]
    before = state_of(release.scripts)
    (call,) = planned(release, f"approve --reject --package {arn}")
    user = release.scripts.client("sts").get_caller_identity()["Arn"]
    package = release.scripts.client("sagemaker").describe_model_package(ModelPackageName=arn)
    properties = package["CustomerMetadataProperties"]
    assert state_of(release.scripts) == before
    assert call == {
        "service": "sagemaker",
        "operation": "update_model_package",
        "parameters": {
            "ModelPackageArn": arn,
            "ModelApprovalStatus": "Rejected",
            "CustomerMetadataProperties": properties | {"rejected-by": user},
        },
    }


def test_dry_run_of_train_prints_the_hyperparameters_of_the_request(release):
    calls = {
        call["operation"]: call["parameters"] for call in planned(release, "train --set alpha=1")
    }
    job = calls["create_training_job"]
    assert job["HyperParameters"]["alpha"] == "1.0"
    assert job["HyperParameters"]["recipe"] == RECIPE
    assert "-JobsRolenewsgroupsnaivebayes-" in job["RoleArn"]
    code = calls["put_object"]
    assert (
        job["HyperParameters"]["sagemaker_submit_directory"]
        == f"s3://{release.setup['bucket']}/{code['Key']}"
    )


@pytest.mark.slow
def test_dry_run_of_deleting_the_foundation_names_every_object_and_the_stack(release):
    before = state_of(release.scripts)
    calls = planned(release, "delete --foundation")
    assert state_of(release.scripts) == before
    keys = {
        f"{call['parameters']['Bucket']}/{item['Key']}"
        for call in calls
        if call["operation"] == "delete_objects"
        for item in call["parameters"]["Delete"]["Objects"]
    }
    bucket = release.setup["bucket"]
    pages = (
        release.scripts.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
    )
    versions = [page.get(kind, []) for page in pages for kind in ("Versions", "DeleteMarkers")]
    assert any(versions)
    assert keys == {f"{bucket}/{item['Key']}" for items in versions for item in items}
    assert calls[-1] == {
        "service": "cloudformation",
        "operation": "delete_stack",
        "parameters": {"StackName": "newsgroup-classifier"},
    }


def test_dry_run_of_setup_in_an_empty_region_creates_the_stack(empty_region):
    (call,) = empty_region.run("setup", "--dry-run").result["calls"]
    assert call["operation"] == "create_stack"
    assert state_of(empty_region)["stacks"] == {}


def test_dry_run_of_delete_in_an_empty_region_prints_no_call(empty_region):
    ended = empty_region.run("delete", "--packages", "--dry-run")
    assert ended.result["calls"] == []
    assert "There is no environment 'newsgroup-classifier' in region eu-west-1." in ended.stderr
