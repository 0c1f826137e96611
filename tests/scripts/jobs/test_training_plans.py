"""The request of a TensorFlow recipe's training job, and the flags that it is made from."""

import argparse
import re
import shlex
from dataclasses import replace
from typing import Any

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts import train
from scripts.account.naming import release_name
from scripts.account.stacks import Foundation
from scripts.jobs.training_flags import REPEATED, again_command, checkpoints_of, reading_of
from scripts.jobs.training_plans import TrainingPlan, training_call

STAMP = "20260102030405-00ff00"
DIGITS = RECIPES["digits-cnn"]
PLAN = TrainingPlan(
    recipe=DIGITS,
    stamp=STAMP,
    image="image",
    instance_type="ml.c5.2xlarge",
    hyperparameters={"epochs": 2},
    code_uri="s3://bucket/code/0/sourcedir.tar.gz",
    channel_uris={"train": "s3://bucket/data/train/"},
    foundation=Foundation("bucket", "arn:aws:iam::123456789012:role/execution"),
    checkpoints="monday",
)


def requested(plan: TrainingPlan) -> dict[str, Any]:
    return training_call(plan).parameters


def parsed(*flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    train.add_arguments(parser)
    return parser.parse_args(["--recipe", DIGITS.name, *flags])


def test_a_tensorflow_recipe_has_its_own_program_channels_and_checkpoints():
    found = requested(PLAN)
    program = found["HyperParameters"]["sagemaker_program"]
    assert program == "newsgroup_classifier/training/train_tensorflow.py"
    assert found["InputDataConfig"][0]["ContentType"] == "application/x-npz"
    assert found["CheckpointConfig"] == {"S3Uri": "s3://bucket/checkpoints/digits-cnn/monday"}
    assert "EnableManagedSpotTraining" not in found


def test_its_metrics_are_those_of_the_test_and_of_every_epoch():
    definitions = requested(PLAN)["AlgorithmSpecification"]["MetricDefinitions"]
    patterns = {item["Name"]: item["Regex"] for item in definitions}
    assert set(patterns) == {*(f"test:{name}" for name in DIGITS.metrics), *DIGITS.epoch_metrics}
    assert {"train:loss", "validation:accuracy"} <= set(patterns)
    assert re.search(patterns["train:loss"], "train:loss=1.5e-3").group(1) == "1.5e-3"


def test_one_instance_is_told_of_no_distribution():
    assert not any("distribution" in name for name in requested(PLAN)["HyperParameters"])


def test_several_instances_train_by_the_multi_worker_strategy():
    found = requested(replace(PLAN, instance_count=2))
    assert found["ResourceConfig"]["InstanceCount"] == 2
    given = found["HyperParameters"]
    assert given["sagemaker_multi_worker_mirrored_strategy_enabled"] == "true"
    assert given["sagemaker_distribution_instance_groups"] == '["homogeneousCluster"]'


def test_a_spot_job_waits_at_least_as_long_as_it_may_run():
    found = requested(replace(PLAN, spot=True))
    assert found["EnableManagedSpotTraining"] is True
    times = found["StoppingCondition"]
    assert times["MaxWaitTimeInSeconds"] >= times["MaxRuntimeInSeconds"]


def test_checkpoints_are_kept_under_the_job_s_name_unless_another_is_given():
    name = release_name("digits-cnn", STAMP)
    assert checkpoints_of(DIGITS, parsed(), STAMP) == name
    assert checkpoints_of(DIGITS, parsed("--checkpoints", "monday"), STAMP) == "monday"


@pytest.mark.parametrize("name", ["", "a/b", "../other", "a b", "-x", "x" * 200])
def test_names_of_checkpoints_that_are_no_names_are_refused(name):
    with pytest.raises(DeploymentError, match="is no name of checkpoints"):
        checkpoints_of(DIGITS, parsed(f"--checkpoints={name}"), STAMP)


@pytest.mark.parametrize("flags", [["--instance-count", "2"], ["--checkpoints", "a"], ["--spot"]])
def test_a_scikit_learn_recipe_refuses_what_only_tensorflow_has(flags):
    recipe = RECIPES["newsgroups-naive-bayes"]
    with pytest.raises(DeploymentError, match=f"{flags[0]}.* needs a recipe of TensorFlow"):
        checkpoints_of(recipe, parsed(*flags), STAMP)
    assert checkpoints_of(recipe, parsed(), STAMP) == ""


@pytest.mark.parametrize("count", ["0", "-1", "two", "1.5", ""])
def test_counts_of_instances_that_are_no_counts_are_refused(count):
    with pytest.raises(argparse.ArgumentError, match="is no number of instances"):
        parsed(f"--instance-count={count}")


def test_the_command_that_goes_on_repeats_what_was_asked_for():
    flags = (
        "--setting seed --set epochs=2 --set 'name=a b' --instance-type ml.c5.xlarge "
        "--instance-count 2 --spot --approve --pictures 'my pictures' --region eu-west-1 "
        "--stack mine"
    )
    front, back = "python -m scripts.train --recipe digits-cnn", "--checkpoints monday"
    arguments = parsed(*shlex.split(flags), "--yes", "--checkpoints", "sunday")
    assert again_command(PLAN, arguments) == f"{front} {flags} {back}"
    assert again_command(PLAN, parsed()) == f"{front} {back}"
    assert again_command(replace(PLAN, checkpoints=""), arguments) == ""


def test_every_flag_of_train_is_repeated_or_left_out_for_a_reason():
    given = vars(parsed())
    left_out = {"recipe", "checkpoints", "yes", "dry_run"}
    assert set(given) - left_out == set(REPEATED.values())


def test_a_job_in_pipe_mode_says_so_and_reads_a_stream():
    recipe = RECIPES["newsgroups-naive-bayes"]
    assert reading_of(recipe, "Pipe", {}) == {"reading": "stream"}
    assert reading_of(recipe, "File", {}) == {}
    found = requested(replace(PLAN, recipe=recipe, input_mode="Pipe"))
    assert found["AlgorithmSpecification"]["TrainingInputMode"] == "Pipe"
    assert requested(PLAN)["AlgorithmSpecification"]["TrainingInputMode"] == "File"


def test_pipe_mode_of_a_recipe_that_reads_its_channels_whole_names_those_that_stream():
    with pytest.raises(DeploymentError, match=r"\(.*newsgroups-linear.*\); digits-cnn reads"):
        reading_of(DIGITS, "Pipe", {})


def test_pipe_mode_with_a_reading_that_is_whole_is_refused():
    with pytest.raises(DeploymentError, match="reading=whole does not go with --input-mode Pipe"):
        reading_of(RECIPES["newsgroups-linear"], "Pipe", {"reading": "whole"})
