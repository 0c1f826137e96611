"""A release to Lambda handles unexpected states of its stack."""

import pytest
from botocore.stub import ANY

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.functions.plans import stack_call
from scripts.functions.release import create, is_updatable
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.stubbed import stub


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
    assert is_updatable({"StackName": "s", "StackStatus": status}, "a-recipe") is expected


@pytest.mark.parametrize(
    "status", ["DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"]
)
def test_stack_with_another_status_is_refused(status):
    with pytest.raises(DeploymentError, match=f"the stack s is {status}, so it cannot be updated"):
        is_updatable({"StackName": "s", "StackStatus": status}, "a-recipe")
