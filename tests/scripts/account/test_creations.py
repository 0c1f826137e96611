"""Clean-up undoes what was created and not refused; a job is stopped, or said to go on."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.creations import Creations, patiently, started_job, stop_job
from tests.scripts.stubbed import stub

MODEL = Call("sagemaker", "create_model", {"ModelName": "m", "ExecutionRoleArn": "arn:" + "x" * 20})
JOB = Call("sagemaker", "create_training_job", {"TrainingJobName": "j", "RoleArn": "r"})


def error(status: int, attempts: int = 0) -> ClientError:
    metadata = {"HTTPStatusCode": status, "RetryAttempts": attempts}
    return ClientError({"Error": {"Code": "X"}, "ResponseMetadata": metadata}, "CreateModel")


def creations_after(monkeypatch, call: Call, outcome: BaseException | None) -> Creations:
    """Return the record of a call with an outcome."""
    aws = Aws("us-east-1")
    stub(aws, "sagemaker")

    def make(call: Call, *ignored: str) -> None:
        if outcome:
            raise outcome

    monkeypatch.setattr(aws, "make", make)
    creations = Creations(aws)
    if outcome is None:
        creations.make(call)
    else:
        with pytest.raises(type(outcome)):
            creations.make(call)
    return creations


@pytest.mark.parametrize("status", [400, 403, 409])
def test_refused_call_is_not_undone(monkeypatch, status):
    creations = creations_after(monkeypatch, MODEL, error(status))
    assert creations.reversals() == []
    assert not creations.include(MODEL)


@pytest.mark.parametrize(
    "outcome",
    [None, KeyboardInterrupt(), ReadTimeoutError(endpoint_url="x"), error(500), error(400, 1)],
    ids=["success", "Ctrl-C", "lost response", "internal error", "repeated call"],
)
def test_call_that_created_something_or_may_have_is_undone(monkeypatch, outcome):
    creations = creations_after(monkeypatch, MODEL, outcome)
    assert creations.reversals() == [Call("sagemaker", "delete_model", {"ModelName": "m"})]


def test_jobs_are_stopped_and_newest_creations_are_undone_first(monkeypatch):
    creations = creations_after(monkeypatch, MODEL, None)
    creations.make(JOB)
    creations.make(Call("sagemaker", "update_endpoint", {"EndpointName": "e"}))
    assert creations.reversals() == [
        Call("sagemaker", "stop_training_job", {"TrainingJobName": "j"}),
        Call("sagemaker", "delete_model", {"ModelName": "m"}),
    ]


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
