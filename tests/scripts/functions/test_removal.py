"""Only a stack that scripts.deploy made for the recipe is taken for its own."""

from datetime import UTC, datetime
from typing import Any

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.functions.removal import FunctionStack, function_stack
from tests.scripts.stubbed import stub

RECIPE = RECIPES["spooky-ngrams"]
NAME = f"base-{RECIPE.name}"


def found(**parameters: str) -> FunctionStack | None:
    """Return what is found where a stack of the recipe's name has these parameters."""
    aws = Aws("us-east-1")
    stack: dict[str, Any] = {
        "StackName": NAME,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": datetime.now(UTC),
    }
    if parameters:
        stack["Parameters"] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
    stub(aws, "cloudformation").add_response(
        "describe_stacks", {"Stacks": [stack]}, {"StackName": NAME}
    )
    return function_stack(aws, "base", RECIPE)


def test_stack_of_the_recipe_is_found_with_its_bucket():
    assert found(Recipe=RECIPE.name, CodeBucket="b") == FunctionStack(NAME, "b")


@pytest.mark.parametrize(
    "parameters", [{}, {"Recipe": RECIPE.name}, {"Recipe": "another", "CodeBucket": "b"}]
)
def test_stack_of_somebody_else_under_the_name_is_refused(parameters):
    with pytest.raises(DeploymentError, match=r"is not one that scripts\.deploy made for spooky-n"):
        found(**parameters)
