"""A training job is resumed from its checkpoints if it has any and if that helps."""

from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.jobs.training_job import JobLog, advice, announce_start, wait_for_job
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


BEFORE = ["Invoking script with the following command:", "python train.py"]


@pytest.fixture
def logs(monkeypatch):
    """Return AWS and the stubbed responses of its logs."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    aws = Aws()
    with stub(aws, "logs") as stubber:
        yield aws, stubber


def page(stubber, lines, token, after=None, stream="job/algo-1"):
    """Stub one page of lines, requested with a token."""
    expected = {
        "logGroupName": "/aws/sagemaker/TrainingJobs",
        "logStreamName": stream,
        "startFromHead": True,
    } | ({"nextToken": after} if after else {})
    events = [{"message": line, "timestamp": 0} for line in lines]
    response = {"events": events, "nextForwardToken": token}
    stubber.add_response("get_log_events", response, expected)


def streams(stubber, *names):
    stubber.add_response(
        "describe_log_streams", {"logStreams": [{"logStreamName": name} for name in names]}
    )


def test_lines_after_an_empty_page_are_shown(logs, capsys):
    aws, stubber = logs
    streams(stubber, "job/algo-1")
    page(stubber, [], "one")
    page(stubber, BEFORE, "two", after="one")
    page(stubber, [], "three", after="two")
    page(stubber, ["accuracy=0.5"], "four", after="three")
    page(stubber, [], "four", after="four")
    JobLog(aws, "job", " (marked)").show_new_lines()
    assert capsys.readouterr().err == "  accuracy=0.5 (marked)\n"
    stubber.assert_no_pending_responses()


def test_unreadable_log_is_reported_once_and_ignored(logs, capsys):
    aws, stubber = logs
    stubber.add_client_error("describe_log_streams", "AccessDeniedException", "not for you")
    log = JobLog(aws, "job", "")
    log.show_new_lines()
    log.show_new_lines()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The job's log cannot be shown: ")
    assert "(AccessDeniedException): not for you. Ask the owner of the account" in line


def test_log_is_shown_again_after_an_error(logs, capsys):
    aws, stubber = logs
    stubber.add_client_error("describe_log_streams", "ThrottlingException", "Rate exceeded")
    streams(stubber, "job/algo-1")
    page(stubber, [*BEFORE, "accuracy=0.5"], "one")
    page(stubber, [], "one", after="one")
    log = JobLog(aws, "job", "")
    log.show_new_lines()
    log.show_new_lines()
    assert capsys.readouterr().err.splitlines()[1:] == ["  accuracy=0.5"]


def test_log_that_cannot_be_reached_does_not_end_the_command(monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    JobLog(Aws(), "job", "").show_new_lines()
    assert "The job's log cannot be shown: cannot connect to http" in capsys.readouterr().err


def test_job_without_lines_shows_nothing(logs, capsys):
    aws, stubber = logs
    streams(stubber)
    JobLog(aws, "job", "").show_new_lines()
    assert capsys.readouterr().err == ""


def test_lines_of_several_instances_begin_with_their_hosts(logs, capsys):
    aws, stubber = logs
    one, two = "job/algo-1-1700000000", "job/algo-2-1700000000"
    log = JobLog(aws, "job", " (marked)", instances=2)
    streams(stubber, one)
    page(stubber, [*BEFORE, "epoch 1"], "a", stream=one)
    page(stubber, [], "a", after="a", stream=one)
    log.show_new_lines()
    streams(stubber, one, two)
    page(stubber, ["loss=1"], "b", after="a", stream=one)
    page(stubber, [], "b", after="b", stream=one)
    page(stubber, [*BEFORE, "epoch 1"], "c", stream=two)
    page(stubber, [], "c", after="c", stream=two)
    log.show_new_lines()
    assert capsys.readouterr().err.splitlines() == [
        "  algo-1: epoch 1 (marked)",
        "  algo-1: loss=1 (marked)",
        "  algo-2: epoch 1 (marked)",
    ]
    stubber.assert_no_pending_responses()


def test_information_of_tensorflow_is_omitted_and_warnings_are_shown(logs, capsys):
    aws, stubber = logs
    streams(stubber, "job/algo-1")
    written = [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795237586.044748    7200 port.cc:153] oneDNN custom operations are on.",
        "W0000 00:00:1795237586.044748    7200 device.cc:9] a warning",
        "E0000 00:00:1795237586.044748    7200 device.cc:9] an error",
        "I0000 is a line of our own",
    ]
    page(stubber, [*BEFORE, *written], "one")
    page(stubber, [], "one", after="one")
    JobLog(aws, "job", "").show_new_lines()
    assert capsys.readouterr().err.splitlines() == [f"  {line}" for line in written[2:]]
