"""Every page of a job's log is shown, and the job does not depend on it."""

import pytest

from scripts.account.aws import Aws
from scripts.jobs.log import JobLog
from tests.scripts.stubbed import stub

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
