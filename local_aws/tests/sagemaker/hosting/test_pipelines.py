"""Endpoints of two containers in a row: what is handed on, and how an error names its container."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account
from local_aws.tests.stages import ECHO, MISSING_IMPORT, RAISING

HANDOVER = 5 * 1024 * 1024


def stage(account: Account, script: str, name: str) -> dict[str, Any]:
    container = account.packed_container(script)
    container["Environment"]["STAGE"] = name
    return container


@pytest.fixture(scope="module")
def pipeline(account) -> str:
    """Deploy two stages that answer what they were sent."""
    return str(account.deploy(stage(account, ECHO, "first"), stage(account, ECHO, "second")))


def ask(account: Account, endpoint: str, body: str, **headers: str) -> dict[str, Any]:
    """Invoke the pipeline; return what its last stage saw."""
    headers = {"ContentType": "text/plain"} | headers
    answer = account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers)
    return dict(json.load(answer["Body"]))


def refused(account: Account, endpoint: str, body: str) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        ask(account, endpoint, body)
    return dict(caught.value.response)


@pytest.mark.observes("pipeline-order")
def test_pipeline_passes_the_body_of_each_stage_to_the_next(account, pipeline):
    second = ask(account, pipeline, "hello")
    first = json.loads(second["body"])
    assert (first["stage"], first["body"]) == ("first", "hello")
    assert second["stage"] == "second"


@pytest.mark.observes("pipeline-content-type")
def test_pipeline_gives_the_content_type_of_the_request_to_the_first_stage_only(account, pipeline):
    second = ask(account, pipeline, "hello", ContentType="text/plain; charset=utf-8")
    assert json.loads(second["body"])["content_type"] == "text/plain; charset=utf-8"
    assert second["content_type"] == "application/vnd.first+json"


@pytest.mark.observes("pipeline-accept")
def test_pipeline_gives_the_accept_of_the_request_to_the_last_stage_only(account, pipeline):
    second = ask(account, pipeline, "hello", Accept="application/vnd.wanted")
    assert json.loads(second["body"])["accept"] == "*/*"
    assert second["accept"] == "application/vnd.wanted"


def test_pipeline_without_an_accept_gives_any_to_the_last_stage(account, pipeline):
    assert ask(account, pipeline, "hello")["accept"] == "*/*"


@pytest.mark.observes("pipeline-custom-attributes")
def test_pipeline_gives_custom_attributes_to_the_first_stage_only(account, pipeline):
    second = ask(account, pipeline, "hello", CustomAttributes="trace=7")
    assert json.loads(second["body"])["attributes"] == "trace=7"
    assert second["attributes"] is None


def test_pipeline_answers_the_content_type_of_its_last_stage(account, pipeline):
    answer = account.runtime.invoke_endpoint(
        EndpointName=pipeline, ContentType="text/plain", Body="hello"
    )
    assert answer["ContentType"] == "application/vnd.second+json"


def test_pipeline_runs_each_stage_in_a_process_of_its_own(account, pipeline):
    second = ask(account, pipeline, "hello")
    assert second["pid"] != json.loads(second["body"])["pid"]


@pytest.mark.parametrize(
    ("body", "container"),
    [("raise in first", "container-1"), ("refuse in first", "container-1")],
)
@pytest.mark.observes("pipeline-error-names-container")
def test_pipeline_error_of_the_first_stage_names_it(account, pipeline, body, container):
    error = refused(account, pipeline, body)
    assert error["Error"]["Code"] == "ModelError"
    assert f"from {container} with message" in error["Error"]["Message"]


@pytest.mark.observes("pipeline-error", "pipeline-error-names-container", "serve-worker-response")
def test_pipeline_refusal_of_a_stage_keeps_its_status_and_message(account, pipeline):
    error = refused(account, pipeline, "refuse in first")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == 400
    assert error["OriginalMessage"] == "asked to refuse"
    assert error["Error"]["Message"].startswith("Received client error (400) from container-1")


@pytest.mark.observes("pipeline-handover")
def test_pipeline_stage_handing_on_five_megabytes_is_answered(account, pipeline):
    answer = account.runtime.invoke_endpoint(
        EndpointName=pipeline, ContentType="text/plain", Body=f"exactly {HANDOVER}"
    )
    assert answer["Body"].read() == str(HANDOVER).encode()


@pytest.mark.observes("pipeline-handover")
def test_pipeline_stage_handing_on_more_than_five_megabytes_is_refused(account, pipeline):
    error = refused(account, pipeline, f"exactly {HANDOVER + 1}")
    assert error["Error"]["Code"] == "ModelError"
    assert str(HANDOVER) in error["OriginalMessage"]
    assert "container-1" in error["OriginalMessage"]


def test_pipeline_logs_each_container_to_a_stream_of_its_own(account, pipeline):
    ask(account, pipeline, "hello")
    group = f"/aws/sagemaker/Endpoints/{pipeline}"
    streams = account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    names = sorted(stream["logStreamName"] for stream in streams)
    assert [name.rpartition("/")[2] for name in names] == ["container-1", "container-2"]
    assert all(name.startswith("AllTraffic/i-") for name in names)


@pytest.mark.observes("pipeline-error-names-container")
def test_pipeline_whose_second_stage_raises_names_it_with_the_html_page(account):
    first, second = stage(account, ECHO, "first"), stage(account, RAISING, "second")
    error = refused(account, account.deploy(first, second), "hello")
    assert "Received server error (500) from container-2" in error["Error"]["Message"]
    assert error["OriginalStatusCode"] == 500
    assert "<title>500 Internal Server Error</title>" in error["OriginalMessage"]


@pytest.mark.observes("pipeline-failed-pings", "image-nothing-else")
def test_pipeline_whose_second_stage_imports_what_its_image_lacks_fails_naming_it(account):
    first, second = stage(account, ECHO, "first"), stage(account, MISSING_IMPORT, "second")
    endpoint = account.settled_endpoint(account.start_endpoint(first, second))
    assert endpoint["EndpointStatus"] == "Failed"
    reason = endpoint["FailureReason"]
    assert "The container-2 for production variant AllTraffic did not pass the ping" in reason
    assert "container-1" not in reason
    assert "No module named 'moto'" in reason
