"""Only a stack that scripts.deploy created for the recipe is deleted with it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import recipe_tags
from scripts.functions.removal import FunctionStack, function_stack
from tests.scripts.stubbed import stub

RECIPE = RECIPES["spooky-ngrams"]
NAME = f"base--{RECIPE.name}"


def stack_with(**parameters: str) -> FunctionStack | None:
    """Return the function stack of the recipe if a stack of its name has the parameters."""
    aws = Aws("us-east-1")
    stack: dict[str, Any] = {
        "StackName": NAME,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": datetime.now(UTC),
        "Tags": recipe_tags("base", RECIPE.name),
    }
    if parameters:
        stack["Parameters"] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
    stub(aws, "cloudformation").add_response(
        "describe_stacks", {"Stacks": [stack]}, {"StackName": NAME}
    )
    return function_stack(aws, "base", RECIPE)


def test_function_stack_of_the_recipe_has_its_bucket():
    assert stack_with(Recipe=RECIPE.name, CodeBucket="b") == FunctionStack(NAME, "b")


@pytest.mark.parametrize(
    "parameters", [{}, {"Recipe": RECIPE.name}, {"Recipe": "another", "CodeBucket": "b"}]
)
def test_function_stack_of_someone_else_is_refused(parameters):
    with pytest.raises(DeploymentError, match="was not created by `deploy` for spooky-n"):
        stack_with(**parameters)
