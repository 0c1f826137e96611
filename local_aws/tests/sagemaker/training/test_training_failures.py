"""Training jobs that fail with a helpful reason, and requests that are refused."""

import gzip
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import IMAGE, Account, archive, refusal, unique


def failed_job(account: Account, script: str, **changes: Any) -> dict[str, Any]:
    """Run a job that must fail; return its description."""
    job = account.run_job(script, "Failed", **changes)
    assert job["SecondaryStatus"] == "Failed"
    assert "ModelArtifacts" not in job
    return job


def failed_log(account: Account, requirements: str) -> list[str]:
    """Run a job with requirements, on which it must fail; return its log."""
    files = {"train.py": "print('ran')", "requirements.txt": requirements}
    return account.job_log(account.run_job(files, "Failed")["TrainingJobName"])


def channel(uri: str) -> list[dict[str, Any]]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


@pytest.mark.observes("train-failure-kept")
def test_failure_file_of_the_script_is_the_reason(account):
    script = (
        "import os, pathlib, sys\n"
        "base = pathlib.Path(os.environ['SM_OUTPUT_DIR'])\n"
        "(base / 'failure').write_text('The training data has only one label.')\n"
        "sys.exit(1)\n"
    )
    job = failed_job(account, script)
    assert job["FailureReason"].startswith("AlgorithmError: The training data has only one label.")
    assert job["FailureReason"].endswith("exit code: 1")


@pytest.mark.slow
@pytest.mark.observes("train-failure-length")
def test_reason_has_at_most_1024_characters_of_a_long_failure_file(account):
    script = (
        "import os, pathlib, sys\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DIR'], 'failure').write_text('long ' * 1000)\n"
        "sys.exit(1)\n"
    )
    reason = failed_job(account, script)["FailureReason"]
    assert 1000 < len(reason) <= 1024
    assert reason.startswith("AlgorithmError: long long ")
    assert reason.endswith("exit code: 1")


@pytest.mark.observes("no-objects")
@pytest.mark.parametrize("bucket", ["", "a-missing-bucket", "INVALID_BUCKET_NAME"])
def test_job_whose_channel_has_no_objects_is_refused_and_not_recorded(account, bucket):
    uri = f"s3://{bucket or account.bucket}/{unique('empty')}"
    request = account.job_request({"train.py": ""}, InputDataConfig=channel(uri))
    code, message = refusal(account.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert message.startswith(
        f'No S3 objects found under S3 URL "{uri}" given in input data source'
    )
    with pytest.raises(ClientError, match="Requested resource not found"):
        account.sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])


def test_channel_with_a_key_below_another_key_fails_the_job(account):
    prefix = unique("channel")
    account.upload(f"{prefix}/data", "a file")
    account.upload(f"{prefix}/data/more", "below the file")
    uri = f"s3://{account.bucket}/{prefix}"
    job = failed_job(account, "", InputDataConfig=channel(uri))
    assert "Data download failed" in job["FailureReason"]


@pytest.mark.slow
def test_missing_bundle_fails_the_job(account):
    hyperparameters = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": f"s3://{account.bucket}/{unique('no')}/sourcedir.tar.gz",
    }
    job = failed_job(account, "", HyperParameters=hyperparameters)
    assert any("Not Found" in line for line in account.job_log(job["TrainingJobName"]))


@pytest.mark.observes("not-bundle-unchecked")
def test_changed_bundle_fails_the_job_before_its_code_runs(account):
    bundle = gzip.compress(gzip.decompress(archive({"train.py": "print('ran')"})), 0)
    uri = account.upload(f"{unique('code')}/sourcedir.tar.gz", bundle.replace(b"ran", b"Ran"))
    hyperparameters = {"sagemaker_program": "train.py", "sagemaker_submit_directory": f'"{uri}"'}
    job = failed_job(account, "", HyperParameters=hyperparameters)
    assert job["FailureReason"].startswith(f"{uri} is not a complete tar.gz archive: CRC check")
    assert "Training" not in [item["Status"] for item in job["SecondaryStatusTransitions"]]


@pytest.mark.slow
def test_missing_output_bucket_fails_the_job_naming_it(account):
    bucket = unique("missing-bucket")
    job = failed_job(account, "", OutputDataConfig={"S3OutputPath": f"s3://{bucket}/out"})
    assert "Data upload failed" in job["FailureReason"]
    assert bucket in job["FailureReason"]


@pytest.mark.slow
@pytest.mark.observes("image-nothing-else")
def test_import_of_a_package_that_the_image_lacks_is_in_the_log(account):
    job = failed_job(account, "import moto")
    log = "\n".join(account.job_log(job["TrainingJobName"]))
    assert "ModuleNotFoundError: No module named 'moto'" in log


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    ["no-such-distribution-anywhere==1.0", "tqdm==0.0.1", "tqdm==", "-e .", "tqdm[telegram]"],
    ids=["missing", "another version", "unreadable", "an option", "a missing extra"],
)
@pytest.mark.observes("train-requirements-first", "not-requirements-fetched", "not-same-versions")
def test_requirement_that_is_not_met_fails_the_job(account, line):
    lines = failed_log(account, f"{line}\n")
    assert any(text.startswith("ERROR: ") for text in lines)
    assert "ran" not in lines


@pytest.mark.slow
def test_missing_requirement_is_logged_with_the_command_that_installs_it(account):
    line = "no-such-distribution-anywhere==1.0"
    log = "\n".join(failed_log(account, f"{line}\n"))
    assert f"No matching distribution found for {line} (this computer has none)" in log
    assert "installs nothing. Install the package where the local AWS runs, then start" in log
    assert f"--python {sys.executable} {line}" in log


@pytest.mark.parametrize("name", ["nobody", "path/", "x" * 80])
def test_role_that_does_not_exist_is_refused(account, name):
    role = f"arn:aws:iam::123456789012:role/{name}"
    with pytest.raises(ClientError, match=f"ValidationException.*Could not assume role {role}"):
        account.start_job("", RoleArn=role)


def test_role_for_another_service_is_refused(account):
    role = account.create_role("lambda.amazonaws.com")
    with pytest.raises(ClientError, match=r"ValidationException.*'sagemaker.amazonaws.com'"):
        account.start_job("", RoleArn=role)


@pytest.mark.parametrize(
    "statements",
    [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}},
        [{"Effect": "Allow", "Principal": "*"}],
        [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}}],
        [{"Effect": "Deny", "Principal": {"Service": "sagemaker.amazonaws.com"}}],
    ],
    ids=["one statement", "anyone", "an account", "denied"],
)
def test_role_whose_trust_policy_does_not_allow_sagemaker_is_refused(account, statements):
    role = account.create_role_of(statements)
    with pytest.raises(ClientError, match=r"ValidationException.*Could not assume role"):
        account.start_job("", RoleArn=role)


def test_unknown_image_is_refused_by_name(account):
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    algorithm = {"TrainingImage": image, "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match=r"ValidationException.*sagemaker-xgboost:1.7-1"):
        account.start_job("", AlgorithmSpecification=algorithm)


def test_metric_with_an_invalid_regular_expression_is_refused_by_name(account):
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=("}],
    }
    with pytest.raises(ClientError, match=r"ValidationException.*loss"):
        account.start_job("", AlgorithmSpecification=algorithm)


@pytest.mark.observes("not-instance-groups")
@pytest.mark.parametrize(
    "changes",
    [
        {"ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 11,
                            "VolumeSizeInGB": 5}},
        {"ResourceConfig": {"VolumeSizeInGB": 5, "InstanceGroups": [
            {"InstanceGroupName": "one", "InstanceType": "ml.c5.xlarge", "InstanceCount": 1}]}},
        {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "FastFile"},
         "InputDataConfig": channel("s3://b/c")},
        {"InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {
            "S3DataType": "ManifestFile", "S3Uri": "s3://b/c"}}}]},
    ],
    ids=["eleven instances", "instance groups", "fast file mode", "a manifest"],
)  # fmt: skip
def test_option_that_is_not_reproduced_is_refused(account, changes):
    with pytest.raises(ClientError, match=r"ValidationException.*does not reproduce"):
        account.start_job("", **changes)
