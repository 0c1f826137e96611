"""Only a stack that scripts.deploy created for the recipe is deleted with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import recipe_tags, stack_tags
from scripts.functions.removal import FunctionStack, function_stack
from tests.scripts.stubbed import stub

RECIPE = RECIPES["spooky-ngrams"]
NAME = f"base--{RECIPE.name}"
OWN = recipe_tags("base", RECIPE)


def stack_with(tags: list[dict[str, str]], **parameters: str) -> FunctionStack | None:
    """Return the recipe's function stack if a stack of its name has the tags and parameters."""
    aws = Aws("us-east-1")
    stack: dict[str, Any] = {
        "StackName": NAME,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": datetime.now(UTC),
        "Tags": tags,
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
    assert stack_with(OWN, CodeBucket="b") == FunctionStack(NAME, "b")


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (recipe_tags("other", RECIPE), "stack=base, found stack=other"),
        (
            recipe_tags("base", replace(RECIPE, name="other")),
            f"recipe={RECIPE.name}, found recipe=other",
        ),
        (recipe_tags("base", RECIPE.for_data("tickets")), "no data, found data=tickets"),
        (stack_tags("base"), f"recipe={RECIPE.name}, found no recipe"),
    ],
)
def test_stack_of_someone_else_is_kept_with_a_note_so_that_the_rest_can_be_deleted(
    tags, found, capsys
):
    assert stack_with(tags, CodeBucket="b") is None
    assert f"Kept the stack {NAME}: expected the tags {found}." in capsys.readouterr().err


def test_stack_without_the_bucket_of_its_package_is_kept_with_a_note(capsys):
    assert stack_with(OWN) is None
    assert f"Kept the stack {NAME}: it has no parameter CodeBucket" in capsys.readouterr().err
