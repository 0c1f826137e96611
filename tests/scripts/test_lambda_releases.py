"""What a release to Lambda does when CloudFormation answers otherwise than it was hoped."""

import pytest
from botocore.stub import ANY

from newsgroup_classifier.errors import DeploymentError
from scripts.aws import Aws
from scripts.lambda_plans import stack_call
from scripts.lambda_release import create
from tests.scripts.stubbed import stub
from tests.scripts.test_lambda_plans import PLAN


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
