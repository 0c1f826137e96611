"""A training job is resumed from its checkpoints if it has any and if that helps."""

from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.jobs.training_job import advice, announce_start, wait_for_job
from tests.scripts.jobs.test_training_plans import DIGITS, PLAN
from tests.scripts.stubbed import stub

BUCKET = "saved-checkpoints"
ADVICE = "To resume from its last checkpoint: the command"
KILLED = (
    "AlgorithmError: the process was killed by signal 9, exit code: -9",
    'AlgorithmError: ExecuteUserScriptError:\nExitCode -9\nErrorMessage "", exit code: 1',
    "AlgorithmError: , exit code: 137",
    "AlgorithmError: algo-1: another worker of this job, at algo-2:8890, has ended or cannot be "
    "reached; its own log says why. Start the job again: it goes on from its checkpoints, exit "
    "code: 1",
    "InternalServerError: We encountered an internal error. Please try again.",
)
BY_PROGRAM = (
    "AlgorithmError: checkpoint epoch-00004.npz is of a job with another recipe, exit code: 1",
    'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "", exit code: 1',
    "AlgorithmError: the instance has too little memory for this training job, exit code: 1",
)


@pytest.fixture
def aws(local_aws, monkeypatch):
    """Return AWS with a bucket that has checkpoints of the name monday only."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    aws = Aws()
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    key = f"checkpoints/{DIGITS.name}/monday/epoch-00004.npz"
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    return aws


def plan_of(name):
    return replace(PLAN, foundation=replace(PLAN.foundation, bucket=BUCKET), checkpoints=name)


def test_stopped_job_can_be_resumed(aws):
    assert advice(aws, plan_of("monday"), "the command") == ADVICE


@pytest.mark.parametrize("reason", KILLED)
def test_killed_job_can_be_resumed(aws, reason):
    assert advice(aws, plan_of("monday"), "the command", reason) == ADVICE


@pytest.mark.parametrize("reason", BY_PROGRAM)
def test_job_that_failed_by_itself_is_not_resumed(aws, reason):
    assert advice(aws, plan_of("monday"), "the command", reason) == ""


@pytest.mark.parametrize("name", ["mon", "tuesday", ""])
def test_job_without_checkpoints_is_not_resumed(aws, name):
    assert advice(aws, plan_of(name), "the command") == ""


def test_checkpoints_that_cannot_be_listed_are_assumed_to_exist(aws, capsys):
    plan = replace(plan_of("monday"), foundation=replace(PLAN.foundation, bucket="no-such-bucket"))
    assert advice(aws, plan, "the command") == ADVICE
    assert capsys.readouterr().err.startswith("The checkpoints cannot be listed: ")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("Stopped", "ended as Stopped: it was stopped$"),
        ("MaxRuntimeExceeded", "Stopped: it reached its limit of 3,600 seconds. Choose a faster"),
        ("MaxWaitTimeExceeded", "Stopped: it reached its limit of 86,400 seconds with the time"),
    ],
)
def test_job_that_was_stopped_at_a_limit_says_so(monkeypatch, status, message):
    limits = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 86_400}
    job = {"TrainingJobStatus": "Stopped", "SecondaryStatus": status, "StoppingCondition": limits}
    aws = Aws("us-east-1")
    monkeypatch.setattr(aws, "make", lambda *_: job)
    stub(aws, "logs").add_response("describe_log_streams", {"logStreams": []})
    with pytest.raises(DeploymentError, match=message):
        wait_for_job(aws, replace(PLAN, checkpoints=""), "", "")


def test_name_without_checkpoints_is_announced_at_the_start(aws, capsys):
    announce_start(aws, plan_of("monday"))
    assert capsys.readouterr().err == ""
    announce_start(aws, plan_of("mon"))
    uri = f"s3://{BUCKET}/checkpoints/{DIGITS.name}/mon/"
    note = f"No checkpoint is under {uri} yet: the job starts from scratch.\n"
    assert capsys.readouterr().err == note
