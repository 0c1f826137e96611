"""Requests for processing jobs that SageMaker refuses, or that the local AWS does not reproduce."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import refusal, unique
from local_aws.tests.sagemaker.processing.processings import Processings

IMAGES = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def processings(account) -> Processings:
    return Processings(account)


@pytest.fixture
def request_(processings) -> dict[str, Any]:
    return processings.request("print()", (), [processings.output("out")])


def refused(processings: Processings, request: dict[str, Any]) -> str:
    """Return the message about a request, which must create nothing."""
    code, message = refusal(processings.client.create_processing_job, **request)
    assert code == "ValidationException"
    with pytest.raises(ClientError, match="Could not find requested job"):
        processings.describe(request["ProcessingJobName"])
    return message


@pytest.mark.observes("not-processing")
@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("pytorch-training:2.5-cpu-py311", "does not know the image"),
        ("tensorflow-inference:2.20-cpu-py312", "no programs for processing jobs"),
    ],
)
def test_unknown_image_is_refused_by_name(processings, request_, image, reason):
    request_["AppSpecification"]["ImageUri"] = f"{IMAGES}/{image}"
    message = refused(processings, request_)
    assert image in message and reason in message


@pytest.mark.observes("not-processing")
@pytest.mark.parametrize(
    ("member", "value"),
    [("S3DataType", "ManifestFile"), ("S3InputMode", "Pipe"), ("S3CompressionType", "Gzip")],
)
def test_input_that_is_not_reproduced_is_refused_by_name(processings, request_, member, value):
    request_["ProcessingInputs"][0]["S3Input"][member] = value
    assert f"ProcessingInputs.S3Input.{member} of CreateProcessingJob" in refused(
        processings, request_
    )


@pytest.mark.observes("not-processing")
def test_what_else_is_not_reproduced_is_refused_by_name(processings, request_):
    experiment = {"ExperimentConfig": {"ExperimentName": "x"}}
    assert "ExperimentConfig" in refused(processings, request_ | experiment)
    del request_["AppSpecification"]["ContainerEntrypoint"]
    assert "ContainerEntrypoint" in refused(processings, request_)


@pytest.mark.parametrize(
    "path", ["/opt/ml/processing", "/opt/ml/model", "/opt/ml/processing/../model", "out", "/var/x"]
)
def test_path_outside_of_the_folder_for_processing_is_refused(processings, request_, path):
    request_["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] = path
    message = refused(processings, request_)
    assert message == (
        f"The LocalPath of out must be a folder below /opt/ml/processing/, got {path!r}."
    )


def test_two_inputs_with_one_name_are_refused(processings, request_):
    request_["ProcessingInputs"] *= 2
    assert "not unique" in refused(processings, request_)


def test_role_and_number_of_instances_are_checked(processings, request_):
    role = f"arn:aws:iam::123456789012:role/{unique('none')}"
    assert "Could not assume role" in refused(processings, request_ | {"RoleArn": role})
    request_["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 11
    assert "a processing job on 11 instances" in refused(processings, request_)


def test_name_is_used_once_and_a_running_job_is_not_deleted(processings):
    request = processings.request("import time; time.sleep(600)")
    processings.client.create_processing_job(**request)
    code, message = refusal(processings.client.create_processing_job, **request)
    assert code == "ResourceInUse" and "already exists" in message
    name = request["ProcessingJobName"]
    code, message = refusal(processings.client.delete_processing_job, ProcessingJobName=name)
    assert code == "ResourceInUse" and "Stop it first" in message
    processings.client.stop_processing_job(ProcessingJobName=name)
    processings.finished(name)
    code, message = refusal(processings.client.stop_processing_job, ProcessingJobName=name)
    assert message == "The request was rejected because the processing job is in status Stopped."
