"""The flags of scripts.train: overrides, presets, checkpoints, and the command to resume a job."""

import argparse
import shlex
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.jobs.earlier_job import plan_again
from scripts.jobs.training_flags import (
    REPEATED,
    check_job_arguments,
    read_hyperparameters,
    read_overrides,
    reading_override,
    resume_command,
)
from tests.scripts.jobs.test_training_plans import DIGITS, PLAN, parsed, requested

BAYES = RECIPES["newsgroups-naive-bayes"]


def overrides(*texts):
    return read_overrides(BAYES, parsed(*(word for text in texts for word in ("--set", text))))


def test_overrides_are_split_at_the_first_equals_sign():
    expected = {"alpha": "0.5", "reading": "a=b", "features": ""}
    assert overrides("alpha=0.5", "reading=a=b", "features=") == expected


@pytest.mark.parametrize("text", ["alpha", "=1", "", "alpha 1"])
def test_override_of_another_form_is_refused_and_shown(text):
    with pytest.raises(HyperparameterError, match="does not have the form NAME=VALUE") as raised:
        overrides(text)
    assert repr(text) in str(raised.value)


def test_hyperparameter_set_twice_is_refused():
    with pytest.raises(HyperparameterError, match="alpha is set twice"):
        overrides("alpha=1", "alpha=2")


def test_folds_are_a_flag_or_an_override():
    by_flag = read_hyperparameters(BAYES, parsed("--folds", "3"))
    assert by_flag == read_hyperparameters(BAYES, parsed("--set", "folds=3"))
    assert by_flag["folds"] == 3
    with pytest.raises(HyperparameterError, match="either --folds or --set folds, not both"):
        read_overrides(BAYES, parsed("--folds", "3", "--set", "folds=3"))


@pytest.mark.parametrize("flags", [("--folds", "3"), ("--set", "folds=3")])
@pytest.mark.parametrize("recipe", ["digits-cnn", "comments-dense"])
def test_folds_of_a_network_need_a_grid_search(recipe, flags):
    with pytest.raises(DeploymentError, match=f"folds=3 does not apply to {recipe}"):
        read_hyperparameters(RECIPES[recipe], parsed(*flags))
    grid = parsed(*flags, "--set", "search=grid")
    assert read_hyperparameters(RECIPES["comments-dense"], grid)["folds"] == 3


def test_checkpoints_are_the_job_s_own_unless_a_flag_names_others():
    for recipe, flags, checkpoints in (
        (DIGITS, (), None),
        (DIGITS, ("--checkpoints", "monday"), "monday"),
        (BAYES, (), ""),
    ):
        arguments = parsed(*flags)
        check_job_arguments(recipe, arguments)
        assert arguments.checkpoints == checkpoints


@pytest.mark.parametrize("name", ["", "a/b", "../other", "a b", "-x", "x" * 200])
def test_invalid_names_of_checkpoints_are_refused(name):
    with pytest.raises(DeploymentError, match="is not a valid name"):
        check_job_arguments(DIGITS, parsed(f"--checkpoints={name}"))


@pytest.mark.parametrize("flags", [["--instance-count", "2"], ["--checkpoints", "a"], ["--spot"]])
def test_scikit_learn_recipe_refuses_the_flags_of_tensorflow(flags):
    with pytest.raises(DeploymentError, match=f"{flags[0]}.* needs a TensorFlow recipe"):
        check_job_arguments(BAYES, parsed(*flags))


@pytest.mark.parametrize("count", ["0", "-1", "two", "1.5", ""])
def test_invalid_instance_counts_are_refused(count):
    with pytest.raises(argparse.ArgumentError, match="is not a whole number of 1 or more"):
        parsed(f"--instance-count={count}")


def test_resume_command_repeats_the_flags():
    flags = (
        "--preset seed --set epochs=2 --set 'name=a b' --instance-type ml.c5.xlarge "
        "--instance-count 2 --spot --approve --plots 'my plots' --region eu-west-1 "
        "--stack mine"
    )
    front, back = "python -m scripts.train --recipe digits-cnn", "--checkpoints monday"
    plan = replace(PLAN, channel_keys={"train": "data/mnist/0123/train/train.npz"})
    data = "--data 0123"
    arguments = parsed(*shlex.split(flags), "--yes", "--checkpoints", "sunday")
    assert resume_command(plan, arguments) == f"{front} {data} {flags} {back}"
    assert resume_command(plan, parsed()) == f"{front} {data} {back}"
    assert resume_command(replace(PLAN, checkpoints=""), arguments) == ""
    like = parsed("--like", "an-arn")
    like.instance_type, like.input_mode = "ml.c5.xlarge", "Pipe"  # as the package records
    assert resume_command(PLAN, like) == f"{front} --like an-arn {back}"
    own = replace(plan, recipe=PLAN.recipe.for_data("my-digits"))
    assert resume_command(own, parsed()) == f"{front} --name my-digits {data} {back}"


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        *(("--instance-count", "1"), ("--instance-type", "ml.c5.xlarge"), ("--input-mode", "File")),
        *(("--folds", "0"), ("--preset", ""), ("--data", ""), ("--set", "alpha=1")),
    ],
)
def test_flag_that_the_job_of_a_package_sets_is_refused_whatever_its_value(flag, value):
    message = f"--like repeats the job of a package; it does not go with {flag}"
    with pytest.raises(DeploymentError, match=f"^{message}$"):
        plan_again(Aws(), BAYES, parsed("--like", "arn", f"{flag}={value}"))


def test_every_flag_of_train_is_repeated_or_excluded_for_a_reason():
    excluded = {"recipe", "name", "job", "checkpoints", "yes", "dry_run"}
    assert set(vars(parsed())) - excluded == set(REPEATED)


def test_job_in_pipe_mode_requests_pipes_and_reads_a_stream():
    assert reading_override(BAYES, "Pipe", {}) == {"reading": "stream"}
    assert reading_override(BAYES, "File", {}) == {}
    request = requested(replace(PLAN, recipe=BAYES, input_mode="Pipe"))
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "Pipe"
    assert requested(PLAN)["AlgorithmSpecification"]["TrainingInputMode"] == "File"


def test_pipe_mode_of_a_recipe_that_cannot_stream_names_those_that_can():
    with pytest.raises(DeploymentError, match=r"\(.*newsgroups-linear.*\); digits-cnn reads"):
        reading_override(DIGITS, "Pipe", {})


def test_pipe_mode_contradicts_reading_whole_channels():
    with pytest.raises(DeploymentError, match="reading=whole contradicts --input-mode Pipe"):
        reading_override(RECIPES["newsgroups-linear"], "Pipe", {"reading": "whole"})
