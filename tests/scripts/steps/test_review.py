"""A model is approved by an answer or by --yes, and the commands to try next fit its recipe."""

import io
import shlex

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe
from scripts.account.lock import ROOT
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.steps.review import check_terminal, next_commands, review, review_model
from scripts.steps.route import Job, Route

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/tickets/1"
TEST_ROWS = {"billing": 50, "shipping": 30, "account": 20, "too rare": 0}
UPLOADED = {"report": {"classes": {name: {"test": rows} for name, rows in TEST_ROWS.items()}}}


def trained(accuracy):
    return {"metrics": {"accuracy": accuracy, "macro_f1": accuracy}, "model_package_arn": ARN}


def answer(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_metrics_are_shown_next_to_those_of_the_largest_class(capsys):
    review(UPLOADED, trained(0.9), yes=True)
    title, *rows = capsys.readouterr().err.splitlines()
    assert title == "On 100 test rows of 3 classes:"
    assert [row.split()[-2:] for row in rows[1:]] == [["0.9000", "0.9000"], ["0.5000", "0.2222"]]


@pytest.mark.parametrize("text", ["y\n", "YES\n", " y "])
def test_yes_at_the_prompt_approves(monkeypatch, capsys, text):
    answer(monkeypatch, text)
    review(UPLOADED, trained(0.9), yes=False)
    assert capsys.readouterr().err.endswith("Approve this model for deployment? [y/N]\n")


@pytest.mark.parametrize("text", ["", "\n", "n\n", "sure\n"])
def test_any_other_answer_leaves_the_model_registered(monkeypatch, text):
    answer(monkeypatch, text)
    with pytest.raises(DeploymentError, match="was not approved, so nothing was deployed") as error:
        review(UPLOADED, trained(0.9), yes=False)
    assert ARN in str(error.value)


def test_useless_model_is_not_approved_by_the_flag(capsys):
    with pytest.raises(
        DeploymentError, match="--yes does not approve a model that is not clearly better"
    ):
        review(UPLOADED, trained(0.5), yes=True)
    assert "0.5000" in capsys.readouterr().err


def test_useless_model_is_approved_by_an_answer_after_a_warning(monkeypatch, capsys):
    answer(monkeypatch, "y\n")
    review(UPLOADED, trained(0.54), yes=False)
    *_, warning, question = capsys.readouterr().err.splitlines()
    assert warning.startswith(
        "WARNING: the model is not clearly better than always predicting the largest"
    )
    assert question == "Approve it anyway? [y/N]"


def test_labels_of_a_trained_model_are_shown_and_the_flag_approves_it(capsys):
    names = [f"queue {number}" for number in range(30)]
    review_model({"label_names": names, "model_package_arn": ARN}, yes=True)
    line = capsys.readouterr().err
    assert line.startswith("The model has 30 labels, and no metrics: queue 0, queue 1, ")
    assert line.endswith(", queue 19, ...\n")


def test_trained_model_is_approved_by_an_answer(monkeypatch):
    registered = {"label_names": ["billing"], "model_package_arn": ARN}
    answer(monkeypatch, "y\n")
    review_model(registered, yes=False)
    answer(monkeypatch, "\n")
    with pytest.raises(DeploymentError, match=f"was not approved, .* {ARN} stays registered"):
        review_model(registered, yes=False)


def test_missing_terminal_is_refused_unless_the_flag_is_passed(monkeypatch):
    for stdin in (io.StringIO("y\n"), None):
        monkeypatch.setattr("sys.stdin", stdin)
        with pytest.raises(DeploymentError, match="is not a terminal; pass --yes"):
            check_terminal(yes=False)
        check_terminal(yes=True)


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
