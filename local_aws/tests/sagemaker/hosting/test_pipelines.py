"""Pipelines of two containers: what is passed on, and how an error names its container."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account
from local_aws.tests.stages import MISSING_IMPORT, RAISING, invoke, stage

MAX_HANDOVER_BYTES = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def pipeline(account) -> str:
    """Deploy two stages that return their requests."""
    return str(account.deploy(stage(account, "first"), stage(account, "second")))


def error_of(account: Account, endpoint: str, body: str) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        invoke(account, endpoint, body)
    return dict(caught.value.response)


@pytest.mark.observes("pipeline-order")
def test_pipeline_passes_the_body_of_each_stage_to_the_next(account, pipeline):
    second = invoke(account, pipeline, "hello")
    first = json.loads(second["body"])
    assert (first["stage"], first["body"]) == ("first", "hello")
    assert second["stage"] == "second"


@pytest.mark.observes("pipeline-content-type")
def test_only_the_first_stage_receives_the_content_type_of_the_request(account, pipeline):
    second = invoke(account, pipeline, "hello", ContentType="text/plain; charset=utf-8")
    assert json.loads(second["body"])["content_type"] == "text/plain; charset=utf-8"
    assert second["content_type"] == "application/vnd.first+json"


@pytest.mark.observes("pipeline-accept")
def test_only_the_last_stage_receives_the_accept_of_the_request(account, pipeline):
    second = invoke(account, pipeline, "hello", Accept="application/vnd.wanted")
    assert json.loads(second["body"])["accept"] == "*/*"
    assert second["accept"] == "application/vnd.wanted"


def test_last_stage_receives_any_type_as_accept_by_default(account, pipeline):
    assert invoke(account, pipeline, "hello")["accept"] == "*/*"


@pytest.mark.observes("pipeline-custom-attributes")
def test_only_the_first_stage_receives_the_custom_attributes(account, pipeline):
    second = invoke(account, pipeline, "hello", CustomAttributes="trace=7")
    assert json.loads(second["body"])["attributes"] == "trace=7"
    assert second["attributes"] is None


def test_pipeline_returns_the_content_type_of_its_last_stage(account, pipeline):
    response = account.runtime.invoke_endpoint(
        EndpointName=pipeline, ContentType="text/plain", Body="hello"
    )
    assert response["ContentType"] == "application/vnd.second+json"


def test_stages_of_a_pipeline_run_in_separate_processes(account, pipeline):
    second = invoke(account, pipeline, "hello")
    assert second["pid"] != json.loads(second["body"])["pid"]


@pytest.mark.parametrize("body", ["raise in first", "refuse in first"])
@pytest.mark.observes("pipeline-error-names-container")
def test_pipeline_error_of_the_first_stage_names_it(account, pipeline, body):
    error = error_of(account, pipeline, body)
    assert error["Error"]["Code"] == "ModelError"
    assert "from container-1 with message" in error["Error"]["Message"]


@pytest.mark.observes("pipeline-error", "pipeline-error-names-container", "serve-worker-response")
def test_error_response_of_a_stage_keeps_its_status_and_message(account, pipeline):
    error = error_of(account, pipeline, "refuse in first")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == 400
    assert error["OriginalMessage"] == "asked to refuse"
    assert error["Error"]["Message"].startswith("Received client error (400) from container-1")


@pytest.mark.observes("pipeline-handover")
def test_stage_can_pass_on_five_megabytes(account, pipeline):
    response = account.runtime.invoke_endpoint(
        EndpointName=pipeline, ContentType="text/plain", Body=f"exactly {MAX_HANDOVER_BYTES}"
    )
    assert response["Body"].read() == str(MAX_HANDOVER_BYTES).encode()


@pytest.mark.observes("pipeline-handover")
def test_stage_cannot_pass_on_more_than_five_megabytes(account, pipeline):
    error = error_of(account, pipeline, f"exactly {MAX_HANDOVER_BYTES + 1}")
    assert error["Error"]["Code"] == "ModelError"
    assert str(MAX_HANDOVER_BYTES) in error["OriginalMessage"]
    assert "container-1" in error["OriginalMessage"]


def test_each_container_of_a_pipeline_has_its_own_log_stream(account, pipeline):
    invoke(account, pipeline, "hello")
    group = f"/aws/sagemaker/Endpoints/{pipeline}"
    streams = account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    names = sorted(stream["logStreamName"] for stream in streams)
    assert [name.rpartition("/")[2] for name in names] == ["container-1", "container-2"]
    assert all(name.startswith("AllTraffic/i-") for name in names)


@pytest.mark.observes("pipeline-error-names-container")
def test_exception_in_the_second_stage_names_it_with_the_html_page(account):
    first, second = stage(account, "first"), stage(account, "second", RAISING)
    error = error_of(account, account.deploy(first, second), "hello")
    assert "Received server error (500) from container-2" in error["Error"]["Message"]
    assert error["OriginalStatusCode"] == 500
    assert "<title>500 Internal Server Error</title>" in error["OriginalMessage"]


@pytest.mark.slow
@pytest.mark.observes("pipeline-failed-pings", "image-nothing-else")
def test_second_stage_that_imports_a_missing_module_fails_the_endpoint_with_its_name(account):
    first, second = stage(account, "first"), stage(account, "second", MISSING_IMPORT)
    reason = account.failure_of(first, second)
    assert "The container-2 for production variant AllTraffic did not pass the ping" in reason
    assert "container-1" not in reason
    assert "No module named 'moto'" in reason
