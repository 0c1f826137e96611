"""The control plane: which requests it rejects, with which messages, and how it responds."""

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from local_aws.tests.account import IMAGE, Account


def post(
    account: Account, operation: str, body: bytes, region: str = "us-east-1"
) -> tuple[int, dict[str, Any]]:
    """Send a request without any client-side checks; return the status and the response."""
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=k/20260101/{region}/sagemaker/aws4_request",
        "X-Amz-Target": f"SageMaker.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    request = urllib.request.Request(account.aws.url, body, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.load(error)


def refusal(account: Account, operation: str, body: Any) -> str:
    """Send a request that must be rejected; return the message."""
    status, response = post(account, operation, json.dumps(body).encode())
    assert status == 400
    assert response["__type"] == "ValidationException"
    return str(response["message"])


def test_operation_that_is_not_reproduced_is_rejected_by_name(account):
    with pytest.raises(ClientError, match=r"ValidationException.*ListLabelingJobs"):
        account.sagemaker.list_labeling_jobs()


def test_operation_that_is_not_reproduced_is_rejected_before_its_parameters_are_validated(account):
    assert "CreateLabelingJob" in refusal(account, "CreateLabelingJob", {"Nonsense": 1})


def test_operation_that_sagemaker_does_not_have_is_rejected_by_name(account):
    message = refusal(account, "CreateTrainingJobb", {})
    assert message == "SageMaker does not have the operation CreateTrainingJobb."


@pytest.mark.parametrize("body", [b"{", b"not json", b"\xff\xfe", b"[" * 100_000])
def test_body_that_is_not_json_is_rejected(account, body):
    status, response = post(account, "ListModels", body)
    assert (status, response["__type"]) == (400, "ValidationException")
    assert "not JSON" in response["message"]


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_body_that_is_not_an_object_is_rejected(account, body):
    assert "must be a JSON object" in refusal(account, "ListModels", body)


def test_request_without_a_body_is_an_empty_request(account):
    status, response = post(account, "ListModels", b"")
    assert status == 200
    assert "Models" in response


def test_request_without_a_required_member_is_rejected_with_its_name(account):
    message = refusal(account, "CreateModelPackageGroup", {})
    assert 'Missing required parameter in input: "ModelPackageGroupName"' in message


def test_request_with_an_unknown_member_is_rejected_with_its_name(account):
    assert "Color" in refusal(account, "ListModels", {"Color": "red"})


@pytest.mark.parametrize("name", ["-dash-first", "under_score", "sp ace", "a/b", "ä", "a\n"])
def test_name_that_does_not_match_the_pattern_is_rejected_with_the_pattern(account, name):
    message = refusal(account, "CreateModelPackageGroup", {"ModelPackageGroupName": name})
    assert "at 'modelPackageGroupName' failed to satisfy constraint" in message
    assert "regular expression pattern" in message


def test_name_of_more_than_63_characters_is_rejected(account):
    message = refusal(account, "CreateModelPackageGroup", {"ModelPackageGroupName": "x" * 64})
    assert "Member must have length less than or equal to 63" in message


def test_value_outside_an_enumeration_is_rejected_with_the_valid_values(account):
    message = refusal(account, "ListModels", {"SortOrder": "Upwards"})
    assert "satisfy enum value set: [Ascending, Descending]" in message


@pytest.mark.parametrize("number", [0, 101, "10", 2.5, None])
def test_invalid_page_size_is_rejected(account, number):
    assert "MaxResults" in refusal(account, "ListModels", {"MaxResults": number}).replace("m", "M")


@pytest.mark.parametrize("time", ["2026-01-01", "soon", 1e300])
def test_time_that_is_not_in_seconds_is_rejected(account, time):
    assert "reationTimeAfter" in refusal(account, "ListModels", {"CreationTimeAfter": time})


def test_hyperparameter_that_is_too_long_is_rejected_with_its_key(account):
    request = account.job_request({}, HyperParameters={"vocabulary": "x" * 2501})
    assert "hyperParameters.vocabulary" in refusal(account, "CreateTrainingJob", request)


def test_request_with_several_errors_is_rejected_with_all_of_them(account):
    message = refusal(account, "ListModels", {"SortOrder": "Upwards", "SortBy": "Size"})
    assert message.startswith("2 validation errors detected: ")


def test_long_value_is_truncated_in_an_error_message(account):
    message = refusal(account, "CreateModelPackageGroup", {"ModelPackageGroupName": "x" * 5000})
    assert len(message) < 1500


def test_describe_returns_the_requested_fields_and_omits_absent_ones(account):
    name = account.create_config(account.packed_container(""))
    model = account.sagemaker.describe_model(ModelName=name)
    assert model["PrimaryContainer"]["Image"] == IMAGE
    assert model["ExecutionRoleArn"] == account.role
    assert not {"Containers", "VpcConfig", "EnableNetworkIsolation"} & model.keys()


def test_describe_of_a_job_omits_fields_without_a_value(account, iris_job):
    absent = {"FailureReason", "TuningJobArn", "VpcConfig", "Environment", "CheckpointConfig"}
    assert not absent & iris_job.keys()
    assert iris_job["HyperParameters"]["max_leaf_nodes"] == "3"
    assert iris_job["ResourceConfig"]["VolumeSizeInGB"] == 5


@pytest.mark.parametrize("kind", ["model", "endpoint_config", "endpoint"])
def test_describe_and_delete_of_a_missing_resource_are_rejected_with_its_name(account, kind):
    parameter = "".join(part.capitalize() for part in kind.split("_")) + "Name"
    for verb in ("describe", "delete"):
        with pytest.raises(ClientError, match=r"ValidationException.*Could not find.*/missing"):
            getattr(account.sagemaker, f"{verb}_{kind}")(**{parameter: "missing"})


@pytest.mark.observes("missing-resources")
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("TrainingJob", r"ValidationException.*Requested resource not found\."),
        ("TransformJob", "ValidationException.*Could not find requested job with name: missing"),
        ("ProcessingJob", "ValidationException.*Could not find requested job with name: missing"),
        ("HyperParameterTuningJob", "ResourceNotFound.*Requested resource not found"),
    ],
)
def test_missing_job_has_the_error_of_its_kind(account, kind, error):
    for verb in ("describe", "stop"):
        call = getattr(account.sagemaker, xform_name(f"{verb.capitalize()}{kind}"))
        with pytest.raises(ClientError, match=error):
            call(**{f"{kind}Name": "missing"})


def test_create_with_an_existing_name_is_rejected_with_its_arn(account):
    config = account.create_config(account.packed_container(""))
    with pytest.raises(ClientError, match=rf"Cannot create already existing model.*{config}"):
        account.sagemaker.create_model(
            ModelName=config, PrimaryContainer=account.packed_container("")
        )


@pytest.mark.slow
def test_deleted_model_and_config_are_missing_and_their_names_can_be_reused(account):
    name = account.create_config(account.packed_container(""))
    account.sagemaker.delete_endpoint_config(EndpointConfigName=name)
    account.sagemaker.delete_model(ModelName=name)
    with pytest.raises(ClientError, match=r"Could not find model"):
        account.sagemaker.describe_model(ModelName=name)
    with pytest.raises(ClientError, match=r"Could not find endpoint configuration"):
        account.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    account.sagemaker.create_model(ModelName=name, PrimaryContainer=account.packed_container(""))


def test_resource_of_one_region_does_not_exist_in_another(account):
    name = account.create_config(account.packed_container(""))
    body = json.dumps({"ModelName": name}).encode()
    assert post(account, "DescribeModel", body)[0] == 200
    status, response = post(account, "DescribeModel", body, "eu-west-1")
    assert status == 400
    assert "arn:aws:sagemaker:eu-west-1:" in response["message"]
