"""Old spellings keep working: flags, hyperparameters, presets, and the keys of the output."""

import argparse

import pytest

from local_aws.__main__ import parse_arguments
from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import find_recipe, preset_values
from scripts import train, upload_data
from scripts.account.command import load_command
from scripts.operations import evaluate
from tests.scripts.compatibility import FLAGS, HYPERPARAMETERS, KEYS, LOCAL_AWS_FLAGS, PRESETS
from tests.scripts.processes import Scripts


def parser_of(command):
    parser = argparse.ArgumentParser(exit_on_error=False)
    load_command(command).add_arguments(parser)
    return parser


@pytest.mark.parametrize("command", FLAGS)
def test_command_accepts_every_flag_of_the_first_release(command):
    parser = parser_of(command)
    words = FLAGS[command].split()
    assert {word for word in words if word.startswith("--")} <= set(parser._option_string_actions)
    parser.parse_args(words)


def test_local_aws_accepts_every_flag_of_the_first_release():
    assert parse_arguments(LOCAL_AWS_FLAGS.split()).quiet


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_recipe_accepts_every_hyperparameter_and_preset_of_the_first_release(name, caplog):
    recipe = find_recipe(name)
    overrides = dict(word.split("=") for word in HYPERPARAMETERS[name].split())
    assert parse_hyperparameters(overrides, recipe.hyperparameters) == recipe.defaults
    renamed = {each.was: each.name for each in recipe.hyperparameters if each.was in overrides}
    assert set(overrides) - set(renamed) <= set(recipe.defaults)
    for old, new in renamed.items():
        assert f"hyperparameter {old} is now called {new}" in caplog.messages
    for preset in PRESETS.get(name, ()):
        assert preset_values(recipe, preset)
    if "seed" in PRESETS.get(name, ()):
        assert preset_values(recipe, "seed") == preset_values(recipe, "tutorial")
        assert "preset seed is now called tutorial" in caplog.messages


@pytest.mark.parametrize("text", [["a text"], ["-"]])
def test_invoke_takes_a_text_and_standard_input(text):
    assert parser_of("invoke").parse_args(["--recipe", "x", *text]).text == text[0]


@pytest.mark.parametrize(
    ("module", "old", "new", "name"),
    [
        (train, "--setting", "--preset", "preset"),
        (train, "--pictures", "--plots", "plots"),
        (upload_data, "--pictures", "--plots", "plots"),
        (evaluate, "--model-package-arn", "--package", "package"),
    ],
)
def test_old_flag_means_the_new_one_and_prints_its_name(module, old, new, name, capsys):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    renamed, current = (parser.parse_args(["--recipe", "x", flag, "value"]) for flag in (old, new))
    assert getattr(renamed, name) == getattr(current, name)
    assert capsys.readouterr().err == f"{old} is now called {new}\n"
    assert old not in parser.format_help()


@pytest.mark.slow
def test_outputs_of_a_release_have_the_keys_of_the_first_release(release, own_region):
    for command in ("setup", "upload_data", "train", "deploy"):
        assert KEYS[command] <= set(getattr(release, command))
    arn = release.train["model_package_arn"]
    assert KEYS["approve"] <= set(release.scripts.run("approve", "--package", arn).result)
    assert KEYS["invoke"] <= set(release.scripts.run("invoke", "a text").result)
    transform = release.scripts.run("transform", "--input", "docs/posts.jsonl")
    assert KEYS["transform"] <= set(transform.result)
    dry = release.scripts.run("delete", "--dry-run").result
    assert KEYS["--dry-run"] == set(dry)
    assert KEYS["delete"] <= set(Scripts(release.scripts.aws, own_region).run("delete").result)


@pytest.mark.slow
def test_output_of_posts_has_the_keys_of_the_first_release(release, tmp_path):
    flags = ("--recipe", "subreddits-linear", "--generated-sample", "--pictures", str(tmp_path))
    result = release.scripts.run("upload_data", *flags).result
    assert KEYS["upload_data of posts"] <= set(result)
    assert KEYS["wrangling"] == set(result["wrangling"])
    assert result["plots"] == result["pictures"]
    assert {path.name for path in tmp_path.iterdir()} == set(result["plots"])
