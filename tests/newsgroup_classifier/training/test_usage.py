"""The training programs with --help describe each hyperparameter and train nothing."""

import subprocess
import sys

import pytest

from local_aws.testing import ROOT
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training.usage import usage

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
