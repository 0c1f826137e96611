"""What a release to Lambda does when CloudFormation answers otherwise than it was hoped."""

import pytest
from botocore.stub import ANY

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.functions.plans import stack_call
from scripts.functions.release import create, serves
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.stubbed import stub


def test_stack_that_somebody_else_made_meanwhile_is_not_removed():
    aws, call = Aws("us-east-1"), stack_call(PLAN, exists=False)
    stubber = stub(aws, "cloudformation")
    stubber.add_client_error(
        "create_stack",
        "AlreadyExistsException",
        f"Stack [{PLAN.stack}] already exists",
        expected_params=call.parameters | {"ClientRequestToken": ANY},
    )
    with pytest.raises(DeploymentError, match=r"somebody else made the stack .* so it stays"):
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
def test_stack_that_was_made_whole_once_is_updated_and_another_made_anew(status, expected):
    assert serves({"StackName": "s", "StackStatus": status}, "a-recipe") is expected


@pytest.mark.parametrize(
    "status", ["DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"]
)
def test_stack_of_another_status_is_neither(status):
    with pytest.raises(DeploymentError, match=f"the stack s is {status}; expected one that serves"):
        serves({"StackName": "s", "StackStatus": status}, "a-recipe")
