"""Training jobs that fail, each with a reason its owner can act on, and requests refused."""

import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import IMAGE, Account, unique


def failed_job(account: Account, script: str, **changes: Any) -> dict[str, Any]:
    """Run a job that must fail; return its description."""
    job = account.finished_job(account.start_job(script, **changes))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["SecondaryStatus"] == "Failed"
    assert "ModelArtifacts" not in job
    return job


def failed_bundle(account: Account, files: dict[str, str]) -> dict[str, Any]:
    """Run a job of several files that must fail; return its description."""
    request = account.job_request(files)
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Failed"
    return job


def channel(uri: str) -> list[dict[str, Any]]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


@pytest.mark.observes("train-failure-kept")
def test_job_that_wrote_its_failure_first_fails_with_that_sentence(account):
    script = (
        "import os, pathlib, sys\n"
        "base = pathlib.Path(os.environ['SM_OUTPUT_DIR'])\n"
        "(base / 'failure').write_text('The training data has only one label.')\n"
        "sys.exit(1)\n"
    )
    job = failed_job(account, script)
    assert job["FailureReason"].startswith("AlgorithmError: The training data has only one label.")
    assert job["FailureReason"].endswith("exit code: 1")


def test_job_that_raised_fails_with_the_exit_code_and_its_traceback_in_the_log(account):
    job = failed_job(account, "raise KeyError('no such column')")
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert job["FailureReason"].endswith("exit code: 1")
    assert "KeyError: 'no such column'" in account.job_log(job["TrainingJobName"])


@pytest.mark.observes("train-failure-length")
def test_job_with_an_endless_failure_text_fails_with_at_most_1024_characters_of_it(account):
    script = (
        "import os, pathlib, sys\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DIR'], 'failure').write_text('long ' * 1000)\n"
        "sys.exit(1)\n"
    )
    reason = failed_job(account, script)["FailureReason"]
    assert 1000 < len(reason) <= 1024
    assert reason.startswith("AlgorithmError: long long ")
    assert reason.endswith("exit code: 1")


def test_job_of_a_channel_without_objects_fails_naming_the_prefix(account):
    uri = f"s3://{account.bucket}/{unique('empty')}"
    job = failed_job(account, "", InputDataConfig=channel(uri))
    assert "No S3 objects found under S3 URL" in job["FailureReason"]
    assert uri in job["FailureReason"]


@pytest.mark.parametrize("bucket", ["a-bucket-nobody-made", "NO_BUCKET_NAME"])
def test_job_of_a_channel_in_no_bucket_fails_naming_it(account, bucket):
    job = failed_job(account, "", InputDataConfig=channel(f"s3://{bucket}/train"))
    assert "Data download failed" in job["FailureReason"]
    assert bucket in job["FailureReason"]


def test_job_of_a_channel_with_a_key_below_another_key_fails(account):
    prefix = unique("channel")
    account.upload(f"{prefix}/data", "a file")
    account.upload(f"{prefix}/data/more", "below the file")
    uri = f"s3://{account.bucket}/{prefix}"
    job = failed_job(account, "", InputDataConfig=channel(uri))
    assert "Data download failed" in job["FailureReason"]


def test_job_of_a_missing_bundle_fails(account):
    hyperparameters = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": f"s3://{account.bucket}/{unique('no')}/sourcedir.tar.gz",
    }
    job = failed_job(account, "", HyperParameters=hyperparameters)
    assert any("Not Found" in line for line in account.job_log(job["TrainingJobName"]))


def test_job_whose_output_bucket_is_missing_fails_naming_it(account):
    bucket = unique("missing-bucket")
    job = failed_job(account, "", OutputDataConfig={"S3OutputPath": f"s3://{bucket}/out"})
    assert "Data upload failed" in job["FailureReason"]
    assert bucket in job["FailureReason"]


@pytest.mark.observes("image-nothing-else")
def test_job_importing_what_its_image_lacks_fails_with_the_import_in_its_log(account):
    job = failed_job(account, "import moto")
    log = "\n".join(account.job_log(job["TrainingJobName"]))
    assert "ModuleNotFoundError: No module named 'moto'" in log


@pytest.mark.parametrize(
    "line",
    [
        "no-such-distribution-anywhere==1.0",
        "tqdm==0.0.1",
        "tqdm==",
        "-e .",
        "tqdm[telegram]",
    ],
    ids=["missing", "another version", "unreadable", "an option", "an extra that lacks a part"],
)
@pytest.mark.observes("train-requirements-first", "not-requirements-fetched", "not-same-versions")
def test_job_whose_bundle_asks_for_what_cannot_be_had_fails(account, line):
    job = failed_bundle(account, {"train.py": "print('ran')", "requirements.txt": f"{line}\n"})
    lines = account.job_log(job["TrainingJobName"])
    assert any(text.startswith("ERROR: ") for text in lines)
    assert "ran" not in lines


def test_log_of_a_job_whose_package_is_missing_says_how_to_install_it(account):
    line = "no-such-distribution-anywhere==1.0"
    job = failed_bundle(account, {"train.py": "", "requirements.txt": f"{line}\n"})
    log = "\n".join(account.job_log(job["TrainingJobName"]))
    assert f"No matching distribution found for {line} (this computer has none)" in log
    assert "installs nothing. Install the package where the local AWS runs, then start" in log
    assert f"--python {sys.executable} {line}" in log


@pytest.mark.parametrize("line", ["--index-url x", "-r more", "tqdm --no-binary :all:"])
def test_job_whose_bundle_uses_an_option_of_pip_is_told_that_it_is_not_reproduced(account, line):
    job = failed_bundle(account, {"train.py": "", "requirements.txt": f"tqdm\n{line}\n"})
    log = "\n".join(account.job_log(job["TrainingJobName"]))
    assert "requirements.txt line 2: the local AWS does not reproduce" in log


@pytest.mark.parametrize("name", ["nobody", "path/", "x" * 80])
def test_job_of_a_role_that_does_not_exist_is_refused(account, name):
    role = f"arn:aws:iam::123456789012:role/{name}"
    request = account.job_request({}, RoleArn=role)
    with pytest.raises(ClientError, match=f"ValidationException.*Could not assume role {role}"):
        account.sagemaker.create_training_job(**request)


def test_job_of_a_role_that_sagemaker_may_not_assume_is_refused(account):
    request = account.job_request({}, RoleArn=account.create_role("lambda.amazonaws.com"))
    with pytest.raises(ClientError, match=r"ValidationException.*'sagemaker.amazonaws.com'"):
        account.sagemaker.create_training_job(**request)


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
def test_job_of_a_role_whose_policy_does_not_name_sagemaker_is_refused(account, statements):
    role = account.create_role_of(statements)
    with pytest.raises(ClientError, match=r"ValidationException.*Could not assume role"):
        account.sagemaker.create_training_job(**account.job_request({}, RoleArn=role))


def test_job_of_an_unknown_image_is_refused_by_name(account):
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    algorithm = {"TrainingImage": image, "TrainingInputMode": "File"}
    request = account.job_request({}, AlgorithmSpecification=algorithm)
    with pytest.raises(ClientError, match=r"ValidationException.*sagemaker-xgboost:1.7-1"):
        account.sagemaker.create_training_job(**request)


def test_job_of_a_metric_that_is_no_regular_expression_is_refused_by_name(account):
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=("}],
    }
    request = account.job_request({}, AlgorithmSpecification=algorithm)
    with pytest.raises(ClientError, match=r"ValidationException.*loss"):
        account.sagemaker.create_training_job(**request)


@pytest.mark.observes("not-instance-groups", "checkpoints-elsewhere")
@pytest.mark.parametrize(
    "changes",
    [
        {"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/var/checkpoints"}},
        {"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/opt/ml/../../etc"}},
        {"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/opt/ml/"}},
        {"ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 11,
                            "VolumeSizeInGB": 5}},
        {"ResourceConfig": {"VolumeSizeInGB": 5, "InstanceGroups": [
            {"InstanceGroupName": "one", "InstanceType": "ml.c5.xlarge", "InstanceCount": 1}]}},
        {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "FastFile"},
         "InputDataConfig": channel("s3://b/c")},
        {"InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {
            "S3DataType": "ManifestFile", "S3Uri": "s3://b/c"}}}]},
    ],
    ids=["checkpoints elsewhere", "checkpoints above", "all of /opt/ml", "eleven instances",
         "instance groups", "fast file mode", "a manifest"],
)  # fmt: skip
def test_job_that_asks_for_what_is_not_reproduced_is_refused(account, changes):
    with pytest.raises(ClientError, match=r"ValidationException.*does not reproduce"):
        account.sagemaker.create_training_job(**account.job_request({}, **changes))
