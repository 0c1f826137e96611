"""The flags of scripts.tune make a search, or are refused with a reason and a remedy."""

import argparse
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import HyperparameterError, ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.search_space import check_space
from scripts import tune
from scripts.jobs.tuning_flags import DEFAULT_FOLDS, DEFAULT_JOBS, read_search
from scripts.jobs.tuning_plans import Search

BAYES, NETWORK = "newsgroups-naive-bayes", "digits-cnn"
NUMBERS = ",".join(map(str, range(1, 31)))
COUNTS = ("filters", "batch_size", "epochs", "patience", "seed")
MANY = [word for name in COUNTS for word in ("--range", f"{name}={NUMBERS}")]


def parsed(recipe: str, *flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    tune.add_arguments(parser)
    return parser.parse_args(["--recipe", recipe, *flags])


def search(recipe: str, *flags: str) -> Search:
    return read_search(RECIPES[recipe], parsed(recipe, *flags))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--stop-at", "3"], "'3' is not an accuracy; expected a number above 0, up to 1"),
        (["--stop-at", "0"], "is not an accuracy"),
        (["--stop-at", "nan"], "is not an accuracy"),
        (["--max-jobs", "0"], "'0' is not a whole number of 1 or more"),
        (["--parallel", "two"], "'two' is not a whole number of 1 or more"),
        (["--folds", "-1"], "'-1' is not a whole number of 0 or more"),
    ],
)
def test_invalid_number_of_a_flag_is_refused(flags, message):
    with pytest.raises(argparse.ArgumentError, match=message):
        search(BAYES, *flags)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_search_space_of_a_recipe_consists_of_its_own_hyperparameters(recipe):
    if not recipe.space:
        with pytest.raises(ProjectError, match="has no search space; pass at least one range"):
            search(recipe.name)
        return
    check_space(recipe.space, recipe.hyperparameters)
    assert 1 <= search(recipe.name).jobs <= DEFAULT_JOBS


def test_grid_has_one_training_job_per_combination():
    flags = ("--strategy", "grid", "--range", "alpha=1,2,3")
    assert search(BAYES, *flags).jobs == 3
    with pytest.raises(ProjectError, match="tries all of its 3 combinations"):
        search(BAYES, *flags, "--max-jobs", "2")


def test_search_has_default_folds_and_keeps_the_values_that_are_set():
    default = search(BAYES, "--range", "alpha=0.1..1")
    assert default.hyperparameters["folds"] == DEFAULT_FOLDS
    assert default.jobs == DEFAULT_JOBS
    assert search(BAYES, "--folds", "3").hyperparameters["folds"] == 3
    assert search(BAYES, "--set", "folds=3").hyperparameters["folds"] == 3
    assert search(NETWORK, "--set", "epochs=2").hyperparameters["epochs"] == 2


@pytest.mark.parametrize(
    ("recipe", "flags", "message"),
    [
        (BAYES, ["--range", "alph=1,2"], "did you mean alpha"),
        (BAYES, ["--range", "alpha="], "the range of alpha is empty"),
        (BAYES, ["--range", "alpha=2..1"], "a lowest value below the highest"),
        (BAYES, ["--range", "alpha=1,2", "--range", "alpha=3"], "has two ranges"),
        (BAYES, ["--strategy", "grid", "--range", "alpha=1..2"], "which has no grid"),
        (BAYES, ["--set", "alpha=1"], "both searched and set"),
        (BAYES, ["--folds", "0"], "folds=0 leaves nothing to compare .*; expected 2 or more"),
        (BAYES, ["--set", "folds=1"], "folds=1 leaves nothing to compare"),
        (BAYES, ["--set", "folds=00"], "folds=00 leaves nothing to compare"),
        (BAYES, ["--folds", "3", "--set", "folds=3"], "either --folds or --set folds, not both"),
        (NETWORK, ["--strategy", "grid", *MANY], "the grid has 24300000 combinations"),
        (BAYES, ["--max-jobs", "99"], "more than there are combinations"),
        (
            BAYES,
            ["--range", "alpha=1,2", "--max-jobs", "3"],
            "--max-jobs 3 is more than there are combinations; expected 2 or fewer$",
        ),
        (
            BAYES,
            ["--range", "alpha=1..2", "--max-jobs", "751"],
            "--max-jobs 751 is more than AWS accepts; expected 750 or fewer$",
        ),
        (BAYES, ["--transfer"], "needs a tuning job to learn from; add --warm-start NAME"),
        (BAYES, ["--strategy", "grid", "--warm-start", "a"], "a grid cannot learn"),
        ("comments-mlp", ["--set", "search=grid"], "trains one candidate"),
        (NETWORK, ["--folds", "3"], "holds out rows of the train channel"),
        ("comments-dense", ["--folds", "3"], "folds=3 does not apply to comments-dense"),
        ("comments-dense", ["--set", "folds=3"], "folds=3 does not apply to comments-dense"),
        (BAYES, ["--range", "folds=2,3"], "folds controls how jobs train or are compared"),
        ("comments-dense", ["--range", "search=none,grid"], "search controls how jobs train or"),
        (BAYES, ["--early-stopping"], "only once, at the end; omit it"),
        (
            BAYES,
            ["--range", "alpha=" + ",".join(map(str, range(1, 32)))],
            "has 31 values; AWS accepts 30",
        ),
    ],
)
def test_flags_that_make_no_search_are_refused(recipe, flags, message):
    with pytest.raises(ProjectError, match=message):
        search(recipe, *flags)


def test_recipe_without_folds_is_refused_with_the_hyperparameters_to_add():
    others = tuple(item for item in RECIPES[BAYES].hyperparameters if item.name != "folds")
    recipe = replace(RECIPES[BAYES], hyperparameters=others)
    with pytest.raises(HyperparameterError, match=r"no hyperparameter folds.*add SEARCH or FOLDS"):
        read_search(recipe, parsed(BAYES))


def test_early_stopping_is_accepted_for_networks():
    assert search(NETWORK, "--early-stopping").jobs


def test_search_from_a_stream_is_refused_with_a_command_to_run_instead():
    with pytest.raises(HyperparameterError) as raised:
        search(BAYES, "--set", "reading=stream")
    assert str(raised.value) == (
        "tune compares candidates by folds, which a stream does not have; omit --set "
        "reading=stream, and train with the result from a stream: python -m scripts.train "
        "--recipe newsgroups-naive-bayes --set reading=stream"
    )
