"""Ctrl-C prints whether the job was stopped."""

import pytest

from scripts.account.aws import Aws, Call
from scripts.account.stopping import stop_job
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
