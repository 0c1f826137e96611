"""A job's checkpoints: gone on from where there are any and it is of use, and told if not."""

from dataclasses import replace

import pytest

from local_aws.sagemaker.operations.training_jobs import MOST_INSTANCES
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.jobs.kept_checkpoints import advice, tell_start
from scripts.jobs.training_flags import LOCAL_INSTANCES, check_count
from tests.scripts.jobs.test_training_plans import DIGITS, PLAN

BUCKET = "kept-checkpoints"
TOLD = "To go on from its last checkpoint: the command"
KILLED = (
    "AlgorithmError: the process was killed by signal 9, exit code: -9",
    'AlgorithmError: ExecuteUserScriptError:\nExitCode -9\nErrorMessage "", exit code: 1',
    "AlgorithmError: , exit code: 137",
    "AlgorithmError: algo-1: another worker of this job, at algo-2:8890, has ended or cannot be "
    "reached; its own log says why. Start the job again: it goes on from its checkpoints, exit "
    "code: 1",
    "InternalServerError: We encountered an internal error. Please try again.",
)
BY_ITSELF = (
    "AlgorithmError: checkpoint epoch-00004.npz is of a job with another recipe, exit code: 1",
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "", exit code: 1',
    "AlgorithmError: the instance has too little memory for this training job, exit code: 1",
)


@pytest.fixture
def aws(local_aws, monkeypatch):
    """Return AWS with a bucket in which one name of checkpoints has some, and another has not."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    found = Aws()
    s3 = found.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    key = f"checkpoints/{DIGITS.name}/monday/epoch-00004.npz"
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    return found


def plan_of(name):
    return replace(PLAN, foundation=replace(PLAN.foundation, bucket=BUCKET), checkpoints=name)


def test_a_job_that_was_stopped_is_gone_on_with(aws):
    assert advice(aws, plan_of("monday"), "the command") == TOLD


@pytest.mark.parametrize("reason", KILLED)
def test_a_job_that_was_killed_is_gone_on_with(aws, reason):
    assert advice(aws, plan_of("monday"), "the command", reason) == TOLD


@pytest.mark.parametrize("reason", BY_ITSELF)
def test_a_job_that_ended_by_itself_would_end_so_again(aws, reason):
    assert advice(aws, plan_of("monday"), "the command", reason) == ""


@pytest.mark.parametrize("name", ["mon", "tuesday", ""])
def test_a_job_that_left_no_checkpoint_is_not_gone_on_with(aws, name):
    assert advice(aws, plan_of(name), "the command") == ""


def test_checkpoints_that_cannot_be_listed_hide_no_reason(aws, capsys):
    plan = replace(plan_of("monday"), foundation=replace(PLAN.foundation, bucket="no-such-bucket"))
    assert advice(aws, plan, "the command") == TOLD
    assert capsys.readouterr().err.startswith("The checkpoints cannot be listed: ")


def test_a_name_without_checkpoints_is_told_at_the_start(aws, capsys):
    tell_start(aws, plan_of("monday"))
    assert capsys.readouterr().err == ""
    tell_start(aws, plan_of("mon"))
    uri = f"s3://{BUCKET}/checkpoints/{DIGITS.name}/mon/"
    said = f"No checkpoint is under {uri} yet: the job starts anew.\n"
    assert capsys.readouterr().err == said


def test_more_instances_than_a_local_aws_takes_are_refused(aws, monkeypatch):
    assert LOCAL_INSTANCES == MOST_INSTANCES
    check_count(aws, LOCAL_INSTANCES)
    with pytest.raises(DeploymentError, match="--instance-count 11 is more than a local AWS takes"):
        check_count(aws, LOCAL_INSTANCES + 1)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    check_count(Aws(), LOCAL_INSTANCES + 1)
