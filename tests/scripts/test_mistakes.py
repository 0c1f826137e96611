"""A mistake on the command line is one line with the cause and the remedy, and exit code 1."""

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.account_state import state_of
from tests.scripts.processes import RECIPE

KNOWN = "(known: alpha, folds, reading, features, max_features, hash_bits)"
ALPHA = "expected a number above 0, such as 0.01"


@pytest.mark.parametrize(
    "script", ["approve", "delete", "demo", "deploy", "invoke", "train", "upload_data"]
)
def test_unknown_recipe_is_refused_with_the_nearest_name(empty_region, script):
    text = ["some text"] if script == "invoke" else []
    error = empty_region.run(script, "--recipe", "newsgroup-naive-bayes", *text).error
    known = ", ".join(RECIPES)
    assert error == (
        f"unknown recipe 'newsgroup-naive-bayes'; did you mean {RECIPE}? (known: {known})"
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train --set alhpa=1", f"unknown hyperparameter 'alhpa'; did you mean alpha? {KNOWN}"),
        ("train --set depth=1", f"unknown hyperparameter 'depth' {KNOWN}"),
        ("train --set alpha=-1", f"hyperparameter alpha is '-1'; {ALPHA}"),
        ("train --set alpha=abc", f"hyperparameter alpha is 'abc'; {ALPHA}"),
        ("train --set alpha=nan", f"hyperparameter alpha is 'nan'; {ALPHA}"),
        ("train --set alpha=", f"hyperparameter alpha is ''; {ALPHA}"),
        ("train --set alpha", "--set 'alpha' does not have the form NAME=VALUE"),
        (
            "train --recipe comments-mlp --set search=random",
            "search random compares candidates on folds of the train channel, and hyperparameter "
            "folds is 0; expected 2 or more, such as 5",
        ),
        (
            "train --recipe subreddits-neighbors --set search=grid --set folds=3",
            "search grid needs a space of listed values, and subreddits-neighbors draws "
            "n_neighbors from an interval; expected search random, or a tuning job with values of "
            "your own (`tune --range`)",
        ),
        (
            "train --set folds=1",
            "hyperparameter folds is 1, which leaves no rows to validate on; expected 0 for no "
            "cross-validation, or 2 or more",
        ),
        (
            "train --input-mode Pipe --set folds=3",
            "hyperparameter folds is 3, which needs all texts in memory; expected 0 with "
            "reading=stream",
        ),
        ("train --set trees=5", f"unknown hyperparameter 'trees' {KNOWN}"),
        (
            "transform --input . --output foo",
            "--output 'foo' is not an S3 address; expected one such as s3://BUCKET/PREFIX/",
        ),
        (
            "deploy --memory 200",
            "--memory is for --target lambda or --with-api; the target is pipeline",
        ),
        (
            "deploy --recipe digits-cnn --with-api",
            "recipe digits-cnn classifies images, and the HTTP API takes texts only; deploy it "
            "without --with-api, and invoke it with --target pipeline",
        ),
        (
            "deploy --recipe headlines-fast --target single --with-api",
            "--with-api is for --target pipeline, whose responses have the labels that the HTTP "
            "API returns; the target is single",
        ),
        (
            "deploy --recipe spooky-ngrams --target lambda --with-api",
            "--with-api is for --target pipeline, whose responses have the labels that the HTTP "
            "API returns; the target is lambda",
        ),
        (
            "deploy --recipe spooky-ngrams --target lambda --instance-type a --instance-count 3",
            "--instance-type, --instance-count are for --target pipeline; the target is lambda",
        ),
        (
            "invoke --recipe spooky-ngrams --target lambda --endpoint-name a text",
            "--endpoint-name is for --target pipeline or api; the target is lambda",
        ),
        (
            "upload_data --generated-sample --data-dir /nowhere",
            "--generated-sample does not read --data-dir; pass one of them",
        ),
    ],
)
def test_invalid_command_line_is_refused_before_a_call_to_aws(empty_region, command, message):
    ended = empty_region.run(*command.split(), AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert ended.error == message


@pytest.mark.parametrize("command", ["watch", "deploy --recipe spooky-ngrams --target lambda"])
def test_address_that_can_get_no_mail_is_refused(empty_region, command):
    ended = empty_region.run(*command.split(), "--email", "nope")
    assert (ended.code, "'nope' is not an e-mail address" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("train --instance-type m5.large", "; did you mean ml.m5.large"),
        ("tune --instance-type m5", "; expected one such as ml.m5.large"),
        ("deploy --instance-type ml.m5.larg", "; did you mean ml.m5.large"),
        ("deploy --endpoint-name a_b", "; expected a name of the form [a-zA-Z0-9](-*"),
        ("transform --input posts.txt --instance-type foo", "; expected one such as ml."),
    ],
)
def test_value_that_sagemaker_does_not_have_is_refused_first(empty_region, tmp_path, command, hint):
    path = tmp_path / "posts.txt"
    path.write_text("a post", encoding="utf-8")
    script, *words = command.replace("posts.txt", str(path)).split()
    error = empty_region.run(script, *words).error
    assert error.startswith(f"{words[-2]} {words[-1]!r} is not valid for SageMaker{hint}")


@pytest.mark.parametrize("script", ["train", "upload_data"])
def test_missing_foundation_names_setup_as_the_remedy(empty_region, script):
    error = empty_region.run(script).error
    assert error == (
        "there is no stack 'newsgroup-classifier' in region eu-west-1. Create it with: "
        "python -m scripts.setup"
    )


def test_remedy_repeats_the_stack_of_the_command_line(empty_region):
    error = empty_region.run("upload_data", "--stack", "another").error
    assert error.endswith("Create it with: python -m scripts.setup --stack another")


@pytest.mark.parametrize("command", ["rollback", "rollback --target lambda", "watch"])
def test_environment_that_does_not_exist_is_named_before_what_it_would_have(empty_region, command):
    script, *flags = command.split()
    ended = empty_region.run(script, "--recipe", "spooky-ngrams", *flags, "--stack", "nope")
    assert ended.error == (
        "there is no stack 'nope' in region eu-west-1. Create it with: "
        "python -m scripts.setup --stack nope"
    )


def test_foundation_of_another_region_is_not_found(release, own_region):
    error = release.scripts.run("train", "--region", own_region).error
    assert f"there is no stack 'newsgroup-classifier' in region {own_region}." in error


def test_foundation_of_another_name_is_not_found(release):
    error = release.scripts.run("train", NEWSGROUP_CLASSIFIER_STACK="another").error
    assert "there is no stack 'another' in region eu-central-1." in error


def test_missing_data_names_the_upload_as_the_remedy(foundation_only):
    error = foundation_only.run("train").error
    bucket = foundation_only.run("setup").result["bucket"]
    assert error == (
        f"the train channel is missing under s3://{bucket}/data/20newsgroups/. Upload the data "
        f"with: python -m scripts.upload_data --recipe {RECIPE}"
    )


@pytest.mark.parametrize("script", ["approve", "deploy"])
def test_missing_model_names_training_as_the_remedy(foundation_only, script):
    assert foundation_only.run(script).error == (
        f"no model of {RECIPE} is registered. Train or register one with: "
        f"python -m scripts.train --recipe {RECIPE}"
    )
    missing = foundation_only.run(script, "--stack", "nope").error
    assert missing.startswith("there is no stack 'nope' in region ")


@pytest.mark.parametrize("script", ["approve", "deploy"])
@pytest.mark.parametrize(
    "arn", ["latest", f"arn:aws:sagemaker:eu-west-2:123456789012:model-package/{RECIPE}/7"]
)
def test_missing_package_is_refused_with_an_example_of_an_arn(foundation_only, script, arn):
    example = f"arn:aws:sagemaker:eu-west-2:123456789012:model-package/{RECIPE}/1"
    assert foundation_only.run(script, "--package", arn).error == (
        f"there is no model package {arn!r}; expected an ARN such as {example}. List them with: "
        f"aws sagemaker list-model-packages --region eu-west-2 --model-package-group-name {RECIPE}"
    )


def test_missing_endpoint_names_deployment_as_the_remedy(foundation_only):
    ended = foundation_only.run("invoke", "a text")
    assert "Note: " not in ended.stderr, "there is no response for a note"
    assert ended.error == (
        f"there is no endpoint {RECIPE}-pipeline in region eu-west-2. Deploy it with: "
        f"python -m scripts.deploy --recipe {RECIPE}"
    )


@pytest.mark.parametrize(
    ("name", "reason"), [("post.txt", "No such file or directory"), ("", "Is a directory")]
)
def test_file_that_cannot_be_read_is_named_with_the_reason(empty_region, tmp_path, name, reason):
    error = empty_region.run("invoke", "--file", str(tmp_path / name)).error
    assert reason in error
    assert str(tmp_path / name) in error


@pytest.mark.parametrize(("text", "stdin"), [("", ""), ("  \n ", ""), ("-", "\n")])
def test_empty_text_is_refused(release, text, stdin):
    assert release.scripts.run("invoke", text, stdin=stdin).error == (
        "the text is empty; expected at least one word"
    )


def test_text_and_file_together_are_refused(empty_region, tmp_path):
    ended = empty_region.run("invoke", "text", "--file", str(tmp_path))
    assert ended.code == 2
    assert "not allowed with argument" in ended.stderr


@pytest.mark.slow
def test_unusable_folder_of_plots_is_refused_before_a_job_runs(release, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    before = state_of(release.scripts)
    error = release.scripts.run("train", "--plots", str(path)).error
    assert error.startswith(f"--plots {path} cannot be used (File exists)")
    assert state_of(release.scripts) == before
