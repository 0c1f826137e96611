"""Flags select a recipe with its built-in data set or own data, and messages repeat them."""

import argparse
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DataError, DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account import selection
from scripts.account.command import add_recipe_argument, default_stack, load_command
from scripts.account.naming import recipe_tags
from scripts.account.ownership import tag_map
from scripts.account.selection import selected_recipe
from scripts.account.stacks import owner_flags, recipe_flags

RECIPE = RECIPES["spooky-ngrams"]
COMMANDS = ["upload_data", "train", "tune", "approve", "deploy", "invoke", "transform", "delete"]


def selected(*flags: str):
    parser = argparse.ArgumentParser()
    add_recipe_argument(parser)
    return selected_recipe(parser.parse_args(flags))


def test_recipe_without_a_name_is_for_its_built_in_data_set():
    assert selected("--recipe", RECIPE.name) is RECIPE


def test_recipe_with_a_name_is_for_own_data():
    assert selected("--recipe", RECIPE.name, "--name", "tickets") == RECIPE.for_data("tickets")


def test_recipe_without_a_built_in_data_set_needs_a_name(monkeypatch):
    general = replace(RECIPE, name="text-linear", dataset="")
    known = {"text-linear": general}
    monkeypatch.setattr(selection, "RECIPES", known)
    monkeypatch.setattr(selection, "find_recipe", known.__getitem__)
    with pytest.raises(DeploymentError) as caught:
        selected("--recipe", "text-linear")
    assert str(caught.value) == (
        "recipe text-linear has no built-in data set; pass the name of your data, such as --name "
        "tickets. Upload it with: python -m scripts.upload_data --recipe text-linear --name "
        "tickets --file tickets.csv"
    )
    own = selected("--recipe", "text-linear", "--name", "tickets")
    assert own.scope == "text-linear---tickets"


@pytest.mark.parametrize("name", ["", "My Tickets"])
def test_invalid_name_is_refused(name):
    with pytest.raises(DataError, match="is not a name for data"):
        selected("--recipe", RECIPE.name, "--name", name)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_takes_a_recipe_refuses_an_invalid_name_first(command, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    module, parser = load_command(command), argparse.ArgumentParser()
    module.add_arguments(parser)
    required = ["--input", "posts.txt"] if command == "transform" else []
    arguments = ["--recipe", RECIPE.name, "--name", "My Tickets", *required]
    with pytest.raises(DataError, match="such as my-tickets"):
        module.run(parser.parse_args(arguments))


def test_suggested_commands_select_the_same_recipe_data_and_stack():
    own = RECIPE.for_data("tickets")
    assert recipe_flags(RECIPE, default_stack()) == "--recipe spooky-ngrams"
    assert recipe_flags(own, "s") == "--recipe spooky-ngrams --name tickets --stack s"
    file = replace(own, file="my models/a b.py")
    assert recipe_flags(file, "s") == "--recipe 'my models/a b.py' --name tickets --stack s"
    for recipe in (RECIPE, own):
        assert owner_flags(tag_map(recipe_tags("s", recipe)), "s") == recipe_flags(recipe, "s")
    assert owner_flags({}, default_stack()) == "--recipe NAME"
