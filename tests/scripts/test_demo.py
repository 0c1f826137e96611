"""The demo prints commands to paste, with a text of the kind that the recipe reads."""

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.demo import Route

TEXTS = "newsgroups-naive-bayes"


@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.served_by_lambda])
def test_example_of_a_sentence_recipe_sends_a_sentence_to_either_target(recipe):
    sentence = '"The raven sat on my chamber door."'
    for target, flag in ((PIPELINE, ""), (LAMBDA, " --target api")):
        example = Route(find_recipe(recipe), target, None).example
        assert example == f"--recipe {recipe}{flag} {sentence}"


def test_example_of_a_post_recipe_sends_a_whole_post():
    example = Route(find_recipe(TEXTS), PIPELINE, None).example
    assert example == "--recipe newsgroups-naive-bayes --file docs/post.txt"


def test_image_recipe_sends_a_test_image_and_has_step_names_of_its_own():
    images = Route(find_recipe("digits-cnn"), PIPELINE, None)
    assert images.example == "--recipe digits-cnn"
    names = {name for name, _ in images.steps()}
    assert not names & {name for name, _ in Route(find_recipe(TEXTS), PIPELINE, None).steps()}
    assert "tensorflow deploy" in names
