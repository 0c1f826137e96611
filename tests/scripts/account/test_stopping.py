"""Ctrl-C prints whether a job was stopped, and an error that it may go on."""

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.creations import patiently, started_job, stop_job
from tests.scripts.stubbed import stub

CALLS = [
    Call("sagemaker", "stop_training_job", {"TrainingJobName": "none"}),
    Call("sagemaker", "stop_transform_job", {"TransformJobName": "none"}),
    Call("sagemaker", "stop_hyper_parameter_tuning_job", {"HyperParameterTuningJobName": "none"}),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
def test_job_that_does_not_exist_was_not_started(local_aws, monkeypatch, capsys, call):
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    assert not stop_job(Aws("us-east-1"), "Job none", call)
    assert capsys.readouterr().err == "Job none was not started.\n"


def test_job_that_cannot_be_stopped_is_printed_with_the_reason(capsys):
    aws = Aws("us-east-1")
    message = "The request was rejected because the training job is in status Completed."
    stub(aws, "sagemaker").add_client_error("stop_training_job", "ValidationException", message)
    assert not stop_job(aws, "Job none", CALLS[0])
    assert capsys.readouterr().err == f"Job none was not stopped: {message}\n"


def test_running_job_is_stopped_silently(capsys):
    aws = Aws("us-east-1")
    stub(aws, "sagemaker").add_response("stop_training_job", {}, CALLS[0].parameters)
    assert stop_job(aws, "Job none", CALLS[0])
    assert capsys.readouterr().err == ""


def test_job_that_cannot_be_stopped_without_a_connection_is_printed_with_the_command(
    monkeypatch, capsys
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert not stop_job(Aws("us-east-1"), "Job none", CALLS[0])
    line = capsys.readouterr().err
    assert line.startswith("Job none was not stopped: cannot connect to http://127.0.0.1:1. ")
    assert "To stop it: aws sagemaker stop-training-job --training-job-name none --region " in line


class Hasty(Aws):
    """AWS with no pause between two status requests, and with calls that succeed."""

    def pause(self):
        pass

    def make(self, call, *ignored):
        return {}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            EndpointConnectionError(endpoint_url="https://aws"),
            "Job may go on by itself. To stop it: aws sagemaker stop-hyper-parameter-tuning-job "
            "--hyper-parameter-tuning-job-name none --region us-east-1\n",
        ),
        (DeploymentError("the job ended as Failed"), ""),
    ],
)
def test_error_that_ends_the_wait_for_a_job_says_how_to_stop_it(capsys, error, message):
    create = Call("sagemaker", "create_hyper_parameter_tuning_job", CALLS[2].parameters)
    with pytest.raises(type(error)), started_job(Hasty("us-east-1"), "Job", create):
        raise error
    assert capsys.readouterr().err == message


def test_status_is_read_again_after_the_connection_was_lost(capsys, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    kinds = ConnectTimeoutError, EndpointConnectionError
    errors = [kind(endpoint_url="https://aws") for kind in kinds]

    def read():
        if errors:
            raise errors.pop()
        return "a status"

    assert patiently(Hasty("us-east-1"), read) == "a status"
    assert capsys.readouterr().err.count("The connection to AWS is lost; trying again for 10") == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", ""])
def test_connection_that_stays_lost_or_is_local_ends_the_wait(capsys, monkeypatch, url):
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setattr("scripts.account.creations._LOST_MINUTES", 0)

    def read():
        raise EndpointConnectionError(endpoint_url="x")

    with pytest.raises(EndpointConnectionError):
        patiently(Hasty("us-east-1"), read)
    assert capsys.readouterr().err == ""
