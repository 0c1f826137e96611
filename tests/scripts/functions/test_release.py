"""A release to Lambda handles unexpected states of its stack."""

import pytest
from botocore.stub import ANY

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.functions.plans import Upload, stack_call
from scripts.functions.release import is_updatable, is_uploaded
from scripts.releases.stack_changes import create
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.stubbed import stub

RECIPE = RECIPES["spooky-ngrams"].for_data("tickets")


def test_stack_that_someone_else_created_in_the_meantime_is_kept():
    aws, call = Aws("us-east-1"), stack_call(PLAN, None)
    stubber = stub(aws, "cloudformation")
    stubber.add_client_error(
        "create_stack",
        "AlreadyExistsException",
        f"Stack [{PLAN.stack}] already exists",
        expected_params=call.parameters | {"ClientRequestToken": ANY},
    )
    with pytest.raises(DeploymentError, match=r"someone else created the stack .* so it is kept"):
        create(aws, call)
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_COMPLETE", True),
        ("UPDATE_COMPLETE", True),
        ("UPDATE_ROLLBACK_COMPLETE", True),
        ("ROLLBACK_COMPLETE", False),
        ("CREATE_FAILED", False),
        ("ROLLBACK_FAILED", False),
    ],
)
def test_stack_is_updated_only_if_its_creation_succeeded(status, expected):
    assert (
        is_updatable(Aws("eu-west-1"), {"StackName": "s", "StackStatus": status}, RECIPE, "staging")
        is expected
    )


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_stack_whose_release_is_in_progress_is_neither_updated_nor_deleted(status):
    stack = {"StackName": "s", "StackStatus": status}
    with pytest.raises(DeploymentError, match=f"^the stack s is {status}. Wait until that ends$"):
        is_updatable(Aws("eu-west-1"), stack, RECIPE, "staging")


def test_stack_with_another_status_is_refused():
    stack = {"StackName": "s", "StackStatus": "DELETE_FAILED"}
    with pytest.raises(DeploymentError) as caught:
        is_updatable(Aws("eu-west-1"), stack, RECIPE, "staging")
    assert str(caught.value) == (
        "the stack s is DELETE_FAILED, so it cannot be updated. Delete it with: "
        "python -m scripts.delete --recipe spooky-ngrams --name tickets --region eu-west-1 "
        "--stack staging"
    )


def test_function_whose_rollback_failed_is_not_to_be_deleted_since_it_serves():
    stack = {"StackName": "s", "StackStatus": "UPDATE_ROLLBACK_FAILED"}
    with pytest.raises(DeploymentError, match=r"could not return to its previous state") as caught:
        is_updatable(Aws("eu-west-1"), stack, RECIPE, "staging")
    command = "aws cloudformation continue-update-rollback --region eu-west-1 --stack-name s"
    assert str(caught.value).endswith(f"Correct that, and run: {command}")


def test_api_that_cannot_be_updated_is_deleted_without_its_endpoint():
    parameters = [{"ParameterKey": "EndpointName", "ParameterValue": "e"}]
    stack = {"StackName": "api-of-e", "StackStatus": "DELETE_FAILED", "Parameters": parameters}
    with pytest.raises(DeploymentError) as caught:
        is_updatable(Aws("eu-west-1"), stack, RECIPE, "staging")
    command = "aws cloudformation delete-stack --region eu-west-1 --stack-name api-of-e"
    assert str(caught.value).endswith(f"cannot be updated. Delete it with: {command}")


@pytest.mark.parametrize(("content", "expected"), [(b"package", True), (b"pickles", False)])
def test_object_with_the_key_and_size_but_another_content_is_uploaded_again(content, expected):
    aws, upload = Aws("us-east-1"), Upload("lambda/code/k.zip", b"package")
    stub(aws, "s3").add_response(
        "head_object",
        {"ContentLength": len(content), "ChecksumSHA256": Upload("", content).checksum},
        {"Bucket": "b", "Key": upload.key, "ChecksumMode": "ENABLED"},
    )
    assert is_uploaded(aws, "b", upload) is expected


def test_object_that_has_no_checksum_is_uploaded_again():
    aws, upload = Aws("us-east-1"), Upload("lambda/code/k.zip", b"package")
    stub(aws, "s3").add_response("head_object", {"ContentLength": len(upload.body)})
    assert not is_uploaded(aws, "b", upload)


def test_checksum_is_the_one_that_s3_writes():
    assert Upload("", b"hello").checksum == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
