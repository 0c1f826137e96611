"""A resource belongs to the stack that its tags name, and an earlier one to the default stack."""

from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.naming import DEFAULT_STACK, recipe_tags
from scripts.account.ownership import check_owner, fault_of, tag_map
from scripts.account.stacks import check_foundation, merged_tags

A_RECIPE = Recipe(name="a-recipe", summary="a recipe", dataset="spooky", hyperparameters=())
EARLIER = {"project": "newsgroup-classifier", "recipe": "a-recipe"}  # of releases without the tag


def test_resource_with_the_tags_of_its_stack_is_its_own():
    assert fault_of(tag_map(recipe_tags("staging", A_RECIPE)), "staging", A_RECIPE) == ""


def test_resource_of_an_earlier_release_belongs_to_the_default_stack():
    assert fault_of(EARLIER, DEFAULT_STACK) == ""
    assert fault_of(EARLIER, "staging") == (
        "expected the tags stack=staging, found stack=newsgroup-classifier"
    )


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        (
            {},
            "expected the tags project=newsgroup-classifier and stack=staging, found no project, "
            "no stack",
        ),
        (
            {"project": "other", "stack": "staging"},
            "expected the tags project=newsgroup-classifier, found project=other",
        ),
        (
            EARLIER | {"stack": "production"},
            "expected the tags stack=staging, found stack=production",
        ),
    ],
)
def test_resource_of_someone_else_is_refused_with_what_was_expected_and_found(tags, fault):
    assert fault_of(tags, "staging") == fault
    with pytest.raises(DeploymentError) as caught:
        check_owner("endpoint e", tags, "staging", "Choose another.")
    assert str(caught.value) == (
        f"endpoint e belongs to someone else, so it is not changed: {fault}. Choose another."
    )


def test_tuning_job_of_a_recipe_with_the_same_beginning_is_refused():
    tags = tag_map(recipe_tags("staging", replace(A_RECIPE, name="a-recipe-wide")))
    assert fault_of(tags, "staging", A_RECIPE) == (
        "expected the tags recipe=a-recipe, found recipe=a-recipe-wide"
    )


@pytest.mark.parametrize(
    ("data", "found", "fault"),
    [
        ("tickets", "", "expected the tags data=tickets, found no data"),
        ("tickets", "reviews", "expected the tags data=tickets, found data=reviews"),
        ("", "reviews", "expected the tags no data, found data=reviews"),
    ],
)
def test_resource_for_other_data_is_of_someone_else(data, found, fault):
    tags = tag_map(recipe_tags("staging", replace(A_RECIPE, data_name=found)))
    assert fault_of(tags, "staging", replace(A_RECIPE, data_name=data)) == fault


def stack(**tags: str) -> dict:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"StackName": "staging", "Tags": pairs}


def test_foundation_of_an_earlier_release_is_the_one_that_its_name_says():
    check_foundation(stack(project="newsgroup-classifier"))
    check_foundation(stack(project="newsgroup-classifier", stack="staging"))


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({}, "the stack staging belongs to someone else.*expected the tags project=newsgroup-"),
        ({"project": "newsgroup-classifier", "stack": "x"}, "expected the tags stack=staging, fou"),
        (EARLIER | {"stack": "staging"}, "is not a foundation.*found the function of a-recipe"),
    ],
)
def test_stack_that_is_not_the_foundation_of_its_name_is_refused(tags, message):
    with pytest.raises(DeploymentError, match=message):
        check_foundation(stack(**tags))


def test_update_of_a_stack_keeps_the_tags_that_somebody_added():
    previous = stack(owner="me", project="newsgroup-classifier")
    merged = tag_map(merged_tags(previous, recipe_tags("staging", A_RECIPE)))
    assert merged == {"owner": "me"} | tag_map(recipe_tags("staging", A_RECIPE))
    assert merged_tags(None, recipe_tags("s", A_RECIPE)) == recipe_tags("s", A_RECIPE)
