"""The log of a job: every page of it is shown, and the job does not depend on it."""

import pytest

from scripts.account.aws import Aws
from scripts.jobs.log import JobLog
from tests.scripts.stubbed import stub

BEFORE = ["Invoking script with the following command:", "python train.py"]


@pytest.fixture
def logs(monkeypatch):
    """Return AWS and the answers of its logs."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    aws = Aws()
    with stub(aws, "logs") as answers:
        yield aws, answers


def page(answers, lines, token, after=None, stream="job/algo-1"):
    """Answer one page of lines, read from a token on."""
    expected = {
        "logGroupName": "/aws/sagemaker/TrainingJobs",
        "logStreamName": stream,
        "startFromHead": True,
    } | ({"nextToken": after} if after else {})
    events = [{"message": line, "timestamp": 0} for line in lines]
    answer = {"events": events, "nextForwardToken": token}
    answers.add_response("get_log_events", answer, expected)


def streams(answers, *names):
    answers.add_response(
        "describe_log_streams", {"logStreams": [{"logStreamName": name} for name in names]}
    )


def test_lines_behind_an_empty_page_are_shown(logs, capsys):
    aws, answers = logs
    streams(answers, "job/algo-1")
    page(answers, [], "one")
    page(answers, BEFORE, "two", after="one")
    page(answers, [], "three", after="two")
    page(answers, ["accuracy=0.5"], "four", after="three")
    page(answers, [], "four", after="four")
    JobLog(aws, "job", " (marked)").show_new_lines()
    assert capsys.readouterr().err == "  accuracy=0.5 (marked)\n"
    answers.assert_no_pending_responses()


def test_a_log_that_may_not_be_read_is_said_once_and_ends_nothing(logs, capsys):
    aws, answers = logs
    answers.add_client_error("describe_log_streams", "AccessDeniedException", "not for you")
    log = JobLog(aws, "job", "")
    log.show_new_lines()
    log.show_new_lines()
    assert capsys.readouterr().err == "The job's log cannot be shown: not for you\n"


def test_a_job_that_has_not_written_yet_shows_nothing(logs, capsys):
    aws, answers = logs
    streams(answers)
    JobLog(aws, "job", "").show_new_lines()
    assert capsys.readouterr().err == ""


def test_lines_of_several_instances_begin_with_their_hosts(logs, capsys):
    aws, answers = logs
    one, two = "job/algo-1-1700000000", "job/algo-2-1700000000"
    log = JobLog(aws, "job", " (marked)", instances=2)
    streams(answers, one)
    page(answers, [*BEFORE, "epoch 1"], "a", stream=one)
    page(answers, [], "a", after="a", stream=one)
    log.show_new_lines()
    streams(answers, one, two)
    page(answers, ["loss=1"], "b", after="a", stream=one)
    page(answers, [], "b", after="b", stream=one)
    page(answers, [*BEFORE, "epoch 1"], "c", stream=two)
    page(answers, [], "c", after="c", stream=two)
    log.show_new_lines()
    assert capsys.readouterr().err.splitlines() == [
        "  algo-1: epoch 1 (marked)",
        "  algo-1: loss=1 (marked)",
        "  algo-2: epoch 1 (marked)",
    ]
    answers.assert_no_pending_responses()


def test_what_tensorflow_chats_is_left_out_and_what_it_warns_of_is_not(logs, capsys):
    aws, answers = logs
    streams(answers, "job/algo-1")
    written = [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795237586.044748    7200 port.cc:153] oneDNN custom operations are on.",
        "W0000 00:00:1795237586.044748    7200 device.cc:9] a warning",
        "E0000 00:00:1795237586.044748    7200 device.cc:9] an error",
        "I0000 is a line of our own",
    ]
    page(answers, [*BEFORE, *written], "one")
    page(answers, [], "one", after="one")
    JobLog(aws, "job", "").show_new_lines()
    assert capsys.readouterr().err.splitlines() == [f"  {line}" for line in written[2:]]
