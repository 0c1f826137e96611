"""Clean-up undoes the calls that created something, and none that AWS refused."""

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from scripts.account.aws import Aws, Call
from scripts.account.creations import Creations
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
