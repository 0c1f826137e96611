"""The commands to paste at the end send a text of the kind that the recipe reads."""

import shlex

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe
from scripts.account.lock import ROOT
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.steps.next_commands import next_commands
from scripts.steps.route import Job, Route

TEXTS = "newsgroups-naive-bayes"
DEPLOYED = {"endpoint_name": "an-endpoint", "api_url": "http://127.0.0.1:1/_local_aws/apis/a"}


def commands(recipe, target, **kwargs):
    job = Job(recipe=find_recipe(recipe), **kwargs)
    deployed = {
        key: DEPLOYED[key] for key in ["endpoint_name" if target == PIPELINE else "api_url"]
    }
    return next_commands([Route(job, target, results={"deploy": deployed})])


@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.served_by_lambda])
def test_sentence_recipe_gets_a_sentence_at_either_target(recipe):
    sentence = "'The raven sat on my chamber door.'"
    for target, flag in ((PIPELINE, ""), (LAMBDA, " --target api")):
        line = f"python -m scripts.invoke --recipe {recipe}{flag} {sentence}"
        assert line in commands(recipe, target)


def test_post_recipe_gets_a_whole_post():
    line = "python -m scripts.invoke --recipe newsgroups-naive-bayes --file docs/post.txt"
    assert line in commands(TEXTS, PIPELINE)


def test_outside_the_clone_the_files_to_try_have_absolute_paths(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines = commands(TEXTS, PIPELINE)
    assert f"--file {ROOT / 'docs/post.txt'}" in " ".join(lines)
    assert f"--input {ROOT / 'docs/posts.jsonl'}" in " ".join(lines)
    (boto3,) = [shlex.split(line)[-1] for line in lines if "boto3" in line]
    assert f'Body=open("{ROOT / "docs/post.txt"}", "rb")' in boto3


def test_own_data_get_a_text_of_their_own_instead_of_the_post():
    job = Job(recipe=find_recipe("text-linear").for_data("tickets"))
    lines = next_commands([Route(job, PIPELINE, results={"deploy": DEPLOYED})])
    (boto3,) = [shlex.split(line)[-1] for line in lines if "boto3" in line]
    assert 'Body="A text of your own."' in boto3
    assert not [line for line in lines if "post.txt" in line]


def test_image_recipe_gets_a_test_image_and_no_texts():
    lines = commands("digits-cnn", PIPELINE)
    assert "python -m scripts.invoke --recipe digits-cnn" in lines
    assert not [line for line in lines if "transform" in line or "boto3" in line]


def test_api_gets_a_line_for_curl_and_an_endpoint_does_not():
    (curl,) = [line for line in commands("spooky-ngrams", LAMBDA) if line.startswith("curl")]
    assert curl.endswith(f"{DEPLOYED['api_url']}/predict")
    assert not [line for line in commands("spooky-ngrams", PIPELINE) if line.startswith("curl")]


def test_last_command_deletes_and_each_one_is_printed_once():
    lines = commands(TEXTS, PIPELINE)
    assert lines[-1] == f"python -m scripts.delete --recipe {TEXTS}"
    assert len(set(lines)) == len(lines)


def test_every_command_repeats_the_region_and_the_stack():
    lines = commands(TEXTS, PIPELINE, region="eu-west-1", stack="staging")
    ours = [line for line in lines if line.startswith("python -m scripts.")]
    assert len(ours) == 3
    assert all(line.count(" --region eu-west-1 --stack staging") == 1 for line in ours)


@pytest.mark.parametrize(("url", "exports"), [("http://127.0.0.1:4566", 2), ("", 0)])
def test_environment_is_exported_for_the_local_aws_only(monkeypatch, url, exports):
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    lines = commands(TEXTS, PIPELINE)
    assert len([line for line in lines if line.startswith("export ")]) == exports
    assert (f"export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=us-east-1" in lines) == bool(url)
