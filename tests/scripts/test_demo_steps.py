"""The lines that the demo prints to paste: a text of the kind that the recipe reads."""

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.demo_steps import Way

TEXTS = "newsgroups-naive-bayes"


@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.served_by_lambda])
def test_a_recipe_of_sentences_is_asked_a_sentence_at_either_target(recipe):
    sentence = '"The raven sat on my chamber door."'
    for target, named in ((PIPELINE, ""), (LAMBDA, " --target api")):
        example = Way(find_recipe(recipe), target, None).example
        assert example == f"--recipe {recipe}{named} {sentence}"


def test_a_recipe_of_posts_is_asked_a_whole_post():
    example = Way(find_recipe(TEXTS), PIPELINE, None).example
    assert example == "--recipe newsgroups-naive-bayes --file docs/post.txt"


def test_a_recipe_of_images_is_asked_with_an_example_and_its_steps_have_names_of_their_own():
    images = Way(find_recipe("digits-cnn"), PIPELINE, None)
    assert images.example == "--recipe digits-cnn"
    names = {name for name, _ in images.steps()}
    assert not names & {name for name, _ in Way(find_recipe(TEXTS), PIPELINE, None).steps()}
    assert "tensorflow deploy" in names
