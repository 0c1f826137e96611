"""Own data have a name that is valid everywhere, and recipes say whether they take them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.data_names import check_data_name, nearest_data_name
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.recipes.catalogue import RECIPES

LINEAR = "subreddits-linear"
TEXTS = [name for name, recipe in RECIPES.items() if recipe.inputs == "texts"]


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("Tickets", "tickets"),
        ("my tickets", "my-tickets"),
        ("my--tickets", "my-tickets"),
        ("-tickets-", "tickets"),
        ("Rückfragen_2026.csv", "ruckfragen-2026-csv"),
        ("a" * 41, "a" * 40),
        ("", "tickets"),
        ("チケット", "tickets"),
        ("tickets\n", "tickets"),
    ],
)
def test_invalid_name_is_refused_with_the_nearest_valid_one(name, example):
    with pytest.raises(DataError) as caught:
        RECIPES["spooky-ngrams"].for_data(name)
    assert str(caught.value) == (
        f"{name!r} is not a name for data; expected at most 40 lower-case letters, digits and "
        f"single hyphens, such as {example}"
    )


@given(st.text())
def test_nearest_name_is_valid(text):
    check_data_name(nearest_data_name(text))


@given(st.from_regex(re.compile(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,4}"), fullmatch=True))
def test_valid_name_is_its_own_nearest_one(name):
    assert nearest_data_name(name) == name


def test_recipe_for_own_data_has_another_scope_and_the_same_hyperparameters():
    recipe = RECIPES["spooky-ngrams"]
    own = recipe.for_data("tickets")
    assert (own.name, own.data_name) == ("spooky-ngrams", "tickets")
    assert own.scope not in (recipe.scope, recipe.for_data("reviews").scope)
    assert own.defaults == recipe.defaults
    assert recipe.scope == recipe.name
    assert recipe.data_name == ""


def test_recipes_share_own_data_of_a_name():
    scopes = {RECIPES[name].for_data("tickets").data_scope for name in ("spooky-ngrams", LINEAR)}
    assert len(scopes) == 1
    assert RECIPES[LINEAR].data_scope == "subreddits"


@pytest.mark.parametrize("name", TEXTS)
def test_recipe_says_why_it_does_not_take_own_data(name):
    recipe = RECIPES[name]
    # A recipe that drops a header, or needs a file of its data set, assumes that set.
    assert recipe.own_data_refusal or (recipe.least_lines == 1 and not recipe.lexicon)
    if recipe.own_data_refusal:
        with pytest.raises(DataError) as caught:
            recipe.for_data("tickets")
        assert str(caught.value) == (
            f"recipe {name} does not accept your own data: {recipe.own_data_refusal}. "
            "Choose another recipe, such as text-linear"
        )
    else:
        assert recipe.for_data("tickets").data_name == "tickets"
