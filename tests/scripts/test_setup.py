"""The request for the foundation stack."""

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import name_in_stack
from scripts.setup import TEMPLATE, stack_call


def parameter(call):
    (item,) = call.parameters["Parameters"]
    assert item["ParameterKey"] == "Recipes"
    return item["ParameterValue"].split(",")


def test_stack_call_creates_the_stack_or_updates_it():
    previous = {"StackName": "s", "Tags": []}
    create, update = stack_call("s", None), stack_call("s", previous)
    assert (create.operation, update.operation) == ("create_stack", "update_stack")
    assert create.parameters == update.parameters
    assert create.parameters["TemplateBody"] == TEMPLATE.read_text(encoding="utf-8")
    assert create.parameters["Capabilities"] == ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def test_stack_call_names_every_recipe_as_its_prefixes_do():
    assert parameter(stack_call("newsgroup-classifier", None)) == sorted({*RECIPES, "own"})
    names = [name_in_stack("test", name) for name in (*RECIPES, "own")]
    assert parameter(stack_call("test", None)) == sorted(names)


def test_update_keeps_the_roles_of_recipes_that_this_clone_does_not_know():
    earlier = [{"ParameterKey": "Recipes", "ParameterValue": "a-recipe-of-somebody,spooky-ngrams"}]
    previous = {"StackName": "newsgroup-classifier", "Tags": [], "Parameters": earlier}
    found = parameter(stack_call("newsgroup-classifier", previous))
    assert found == sorted({*RECIPES, "own", "a-recipe-of-somebody"})
