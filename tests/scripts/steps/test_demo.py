"""The demo refuses flags that do not fit together before it starts a local AWS."""

import argparse

import pytest

from scripts import demo


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--text body", "--text is for your own data; also pass --file"),
        ("--name tickets", "--name is for your own data; also pass --file"),
        ("--file nowhere.csv", "nowhere.csv does not exist; expected a CSV"),
        ("--file docs/tickets.csv --text bodi", "has no column 'bodi' (--text)"),
    ],
)
def test_flags_of_own_data_that_cannot_work_are_refused(empty_region, flags, message):
    ended = empty_region.run("demo", "--recipe", "text-linear", *flags.split())
    assert message in ended.error
    assert "---" not in ended.stderr


@pytest.mark.parametrize("recipe", ["text-linear", "text-network"])
def test_recipe_without_a_built_in_data_set_needs_a_file(empty_region, recipe):
    ended = empty_region.run("demo", "--recipe", recipe)
    assert ended.error.startswith(f"recipe {recipe} has no built-in data set; pass your own data")
    assert "---" not in ended.stderr


@pytest.mark.parametrize("recipe", ["text-liner", "own-model"])
def test_recipe_that_does_not_exist_is_refused_for_own_data_too(empty_region, recipe):
    ended = empty_region.run("demo", "--recipe", recipe, "--file", "docs/tickets.csv")
    assert ended.error.startswith(f"unknown recipe {recipe!r}")


@pytest.mark.parametrize("flags", [["--tensorflow"], []])
def test_recipe_that_is_named_twice_is_trained_and_deployed_once(flags):
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    routes = demo._routes(parser.parse_args(["--recipe", "digits-cnn", *flags]))
    assert [route.recipe.name for route in routes] == ["digits-cnn"]
