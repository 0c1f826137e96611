"""The stacks of a recipe are those that have all of its tags."""

from dataclasses import replace
from datetime import UTC, datetime

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import recipe_tags, stack_tags
from scripts.endpoints.removal import recipe_stacks
from tests.scripts.stubbed import stub

RECIPE = RECIPES["spooky-ngrams"]
TAGS = {
    "function": recipe_tags("base", RECIPE),
    "api-of-mine": recipe_tags("base", RECIPE),
    "watch-of-mine": recipe_tags("base", RECIPE),
    "base": stack_tags("base"),
    "of another environment": recipe_tags("other", RECIPE),
    "of another recipe": recipe_tags("base", replace(RECIPE, name="other")),
    "of own data": recipe_tags("base", RECIPE.for_data("tickets")),
    "of a stranger": [],
}


def test_stacks_of_a_recipe_have_its_tags():
    aws, status = Aws("us-east-1"), {"StackStatus": "CREATE_COMPLETE"}
    stacks = [
        {"StackName": name, "CreationTime": datetime.now(UTC), "Tags": tags, **status}
        for name, tags in TAGS.items()
    ]
    stub(aws, "cloudformation").add_response("describe_stacks", {"Stacks": stacks})
    found = [stack["StackName"] for stack in recipe_stacks(aws, "base", RECIPE)]
    assert found == ["function", "api-of-mine", "watch-of-mine"]
