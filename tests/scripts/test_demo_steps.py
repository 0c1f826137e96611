"""The lines that the demo prints to paste: a text of the kind that the recipe reads."""

import pytest

from newsgroup_classifier.recipes import RECIPES, find_recipe
from scripts.demo_steps import Way
from scripts.naming import LAMBDA, PIPELINE


@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.served_by_lambda])
def test_a_recipe_of_sentences_is_asked_a_sentence_at_either_target(recipe):
    sentence = '"The raven sat on my chamber door."'
    for target, named in ((PIPELINE, ""), (LAMBDA, " --target api")):
        example = Way(find_recipe(recipe), target, None).example
        assert example == f"--recipe {recipe}{named} {sentence}"


def test_a_recipe_of_posts_is_asked_a_whole_post():
    example = Way(find_recipe("newsgroups-naive-bayes"), PIPELINE, None).example
    assert example == "--recipe newsgroups-naive-bayes --file docs/post.txt"
