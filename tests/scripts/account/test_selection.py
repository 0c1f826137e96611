"""Flags select a recipe with its built-in data set or own data, and messages repeat them."""

import argparse
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DataError, DeploymentError, ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account import selection
from scripts.account.aws import Aws
from scripts.account.command import (
    add_common_arguments,
    add_recipe_argument,
    default_stack,
    load_command,
)
from scripts.account.naming import recipe_tags
from scripts.account.ownership import tag_map
from scripts.account.selection import selected_recipe
from scripts.account.stacks import owner_flags, recipe_flags

RECIPE = RECIPES["spooky-ngrams"]
COMMANDS = ["upload_data", "train", "tune", "approve", "deploy", "invoke", "transform", "delete"]


def selected(*flags: str):
    parser = argparse.ArgumentParser()
    add_recipe_argument(parser)
    add_common_arguments(parser)
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


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_suggested_commands_select_the_same_recipe_data_region_and_stack(region):
    own, aws = RECIPE.for_data("tickets"), Aws(region)
    regional = f" --region {region}" if region else ""
    assert recipe_flags(aws, RECIPE, default_stack()) == f"--recipe spooky-ngrams{regional}"
    expected = f"--recipe spooky-ngrams --name tickets{regional} --stack s"
    assert recipe_flags(aws, own, "s") == expected
    file = replace(own, file="my models/a b.py")
    expected = f"--recipe 'my models/a b.py' --name tickets{regional} --stack s"
    assert recipe_flags(aws, file, "s") == expected
    for recipe in (RECIPE, own):
        tags = tag_map(recipe_tags("s", recipe))
        assert owner_flags(aws, tags, "s") == recipe_flags(aws, recipe, "s")
    assert owner_flags(aws, {}, default_stack()) == f"--recipe NAME{regional}"


def test_suggested_commands_take_the_region_of_the_environment_from_it(monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert "--region" not in recipe_flags(Aws(), RECIPE, "s")


@pytest.mark.parametrize("command", ["upload_data", "train", "tune"])
def test_registered_models_have_no_data_to_upload_or_train_with(command, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    module, parser = load_command(command), argparse.ArgumentParser()
    module.add_arguments(parser)
    flags = ["--recipe", "own-model", "--name", "tickets", "--region", "eu-west-1"]
    flags += ["--file", "tickets.csv"] if command == "upload_data" else []
    with pytest.raises(DeploymentError) as caught:
        module.run(parser.parse_args(flags))
    assert str(caught.value) == (
        "models of recipe own-model are trained elsewhere; register one with: python -m "
        "scripts.register --model FILE --name tickets --region eu-west-1"
    )


def test_registered_model_needs_its_name():
    with pytest.raises(DeploymentError, match=r"own-model needs the name .* as --name"):
        selected("--recipe", "own-model")


@pytest.mark.parametrize("value", ["my_model:", "my_model.py:", "my_model", "x.py:a b", ":build"])
def test_pipeline_of_another_form_is_refused_with_the_form(value, capsys):
    with pytest.raises(SystemExit):
        selected("--pipeline", value)
    error = capsys.readouterr().err.splitlines()[-1]
    assert f"{value!r} does not have the form FILE.py:FUNCTION, such as my_model.py:build" in error


@pytest.mark.parametrize("name", ["svc", "my-svc"])
def test_name_of_a_file_in_the_folder_is_explained_with_its_flags(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = f"{name.replace('-', '_')}.py"
    with pytest.raises(ProjectError, match=r"unknown recipe 'm?y?-?svc' \(known: [^)]*\)$"):
        selected("--recipe", name)
    (tmp_path / file).touch()
    with pytest.raises(DeploymentError) as caught:
        selected("--recipe", name)
    hint = f"; for your own recipe, pass --pipeline {file}:build or --recipe {file}"
    assert str(caught.value).endswith(f"){hint}")


def test_recipe_without_a_registered_model_says_to_train_it_first(foundation_only):
    error = foundation_only.run("invoke", "--recipe", "my-model", "--name", "tickets", "x").error
    assert error.startswith("unknown recipe 'my-model' (known: ")
    assert error.endswith(
        "); for your own recipe, pass --pipeline FILE.py:build or --recipe FILE.py, and train it "
        "first: tickets has no registered model of it"
    )


def test_registered_recipe_of_a_file_is_trained_with_its_file_only(foundation_only):
    sagemaker, group = foundation_only.client("sagemaker"), "their-model---tickets"
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    ended = foundation_only.run("train", "--recipe", "their-model", "--name", "tickets")
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    assert ended.error == (
        "recipe their-model cannot be trained without its file; pass it again, such as --pipeline "
        "my_model.py:build, or --recipe my_model.py if the file has a recipe"
    )
