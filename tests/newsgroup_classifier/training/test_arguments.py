"""A training program reads the command lines of all launchers and guesses nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.testing import ROOT
from newsgroup_classifier.errors import HyperparameterError, ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training.arguments import parse_args, usage
from tests.newsgroup_classifier.conftest import DEFAULTS

KNOWN = "(known: recipe, report, alpha, folds, reading, features, max_features, hash_bits)"
RECIPE = ["--recipe", "newsgroups-naive-bayes"]


def refusal(*argv, error=HyperparameterError):
    """Return the error message of parsing these arguments."""
    with pytest.raises(error) as caught:
        parse_args(argv, {})
    return str(caught.value)


def test_parse_args_with_only_a_recipe_returns_its_defaults():
    arguments = parse_args(RECIPE, {})
    assert arguments.recipe is RECIPES["newsgroups-naive-bayes"]
    assert arguments.hyperparameters == DEFAULTS


@pytest.mark.parametrize("flag", ["--alpha", "-alpha"])
@pytest.mark.observes("training-arguments")
def test_parse_args_of_either_launcher_reads_the_flag(flag):
    assert parse_args([*RECIPE, flag, "0.5"], {}).hyperparameters == DEFAULTS | {"alpha": 0.5}


def test_parse_args_reads_flags_in_any_order():
    assert parse_args(["--alpha", "0.5", *RECIPE], {}) == parse_args(
        [*RECIPE, "--alpha", "0.5"], {}
    )


@pytest.mark.parametrize("value", ["-1", "0", "abc", "nan", "inf"])
def test_parse_args_with_alpha_out_of_range_names_value_and_range(value):
    message = refusal(*RECIPE, "--alpha", value)
    assert message == f"hyperparameter alpha is {value!r}; expected a number above 0, such as 0.01"


def test_parse_args_with_a_misspelled_name_suggests_the_nearest():
    message = refusal(*RECIPE, "--alhpa", "1")
    assert message == f"unknown hyperparameter 'alhpa'; did you mean alpha? {KNOWN}"


def test_parse_args_with_an_abbreviation_does_not_guess():
    assert "unknown hyperparameter 'alph'; did you mean alpha?" in refusal(*RECIPE, "--alph", "1")


def test_parse_args_with_an_unknown_name_lists_the_known_names():
    message = refusal(*RECIPE, "--epochs", "1")
    assert message == f"unknown hyperparameter 'epochs' {KNOWN}"


def test_parse_args_with_a_flag_without_a_value_names_it():
    assert refusal(*RECIPE, "--alpha") == "hyperparameter alpha has no value"


@pytest.mark.parametrize("value", ["0.5", "--", "-"])
def test_parse_args_with_a_value_without_a_flag_names_it(value):
    message = refusal(*RECIPE, value, "1")
    assert message == f"unexpected {value!r}; expected a flag such as --alpha"


def test_parse_args_with_a_duplicate_name_says_so():
    message = refusal(*RECIPE, "--alpha", "1", "-alpha", "1")
    assert message == "hyperparameter alpha is set twice"


def test_parse_args_without_a_recipe_suggests_one():
    assert refusal("--alpha", "1").startswith("hyperparameter recipe is missing")
    assert "newsgroups-naive-bayes" in refusal()


def test_parse_args_with_an_unknown_recipe_suggests_the_nearest():
    message = refusal("--recipe", "newsgroup-naive-bayes", error=ProjectError)
    assert message.startswith(
        "unknown recipe 'newsgroup-naive-bayes'; did you mean newsgroups-naive"
    )


def test_parse_args_with_model_dir_of_the_tensorflow_container_ignores_it():
    environ = {"SM_MODEL_DIR": "/opt/ml/model"}
    arguments = parse_args([*RECIPE, "--model_dir", "s3://bucket/job/model"], environ)
    assert arguments == parse_args(RECIPE, environ)
    assert arguments.paths.model == Path("/opt/ml/model")


def test_parse_args_with_both_spellings_of_model_dir_uses_the_one_with_a_dash():
    argv = [*RECIPE, "--model_dir", "s3://bucket/model", "--model-dir", "here"]
    assert parse_args(argv, {}).paths.model == Path("here")


def test_parse_args_with_paths_overrides_the_environment():
    argv = [*RECIPE, "--train", "a", "--test", "b", "--model-dir", "c", "--output-data-dir", "d"]
    paths = parse_args(argv, {"SM_CHANNEL_TRAIN": "other"}).paths
    assert [paths.train, paths.test, paths.model, paths.output_data] == [
        Path(name) for name in "abcd"
    ]


@given(
    st.lists(st.text() | st.sampled_from(["--recipe", "--alpha", "1", "--model_dir", RECIPE[1]]))
)
@settings(max_examples=200)
def test_parse_args_of_any_arguments_returns_or_raises_project_error(argv):
    try:
        assert parse_args(argv, {}).recipe.name in RECIPES
    except ProjectError as error:
        assert str(error)


PROGRAMS = {"train_tensorflow": "headlines-fast", "train_sklearn": "spooky-ngrams"}


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_program_with_help_lists_the_hyperparameters_and_writes_nothing(program, tmp_path):
    recipe = RECIPES[PROGRAMS[program]]
    path = ROOT / "newsgroup_classifier" / "training" / f"{program}.py"
    ended = subprocess.run(
        [sys.executable, str(path), "--recipe", recipe.name, "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    for parameter in recipe.hyperparameters:
        assert f"  {parameter.name} ({parameter.default}): {parameter.help}" in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_usage_without_a_recipe_lists_the_recipes_of_the_program():
    text = usage("train_tensorflow", "tensorflow", ["--help"], {})
    listed = {line.partition(":")[0].strip() for line in text.splitlines()}
    names = {recipe.name for recipe in RECIPES.values() if recipe.framework == "tensorflow"}
    assert listed & set(RECIPES) == names


@pytest.mark.parametrize(
    ("argv", "environ"),
    [(["--recipe", "digits-cnn"], {}), (["--help", "1"], {"SM_HPS": '{"help": 1}'})],
    ids=["without help", "a hyperparameter of a job"],
)
def test_usage_without_a_request_for_help_returns_none(argv, environ):
    assert usage("train_tensorflow", "tensorflow", argv, environ) is None
