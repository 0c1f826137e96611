"""The request of the training job of a TensorFlow recipe."""

import argparse
import re
from dataclasses import replace
from typing import Any

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts import train
from scripts.account.stacks import Foundation
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


def test_tensorflow_recipe_has_its_own_program_channels_and_checkpoints():
    request = requested(PLAN)
    program = request["HyperParameters"]["sagemaker_program"]
    assert program == "newsgroup_classifier/training/train_tensorflow.py"
    assert request["InputDataConfig"][0]["ContentType"] == "application/x-npz"
    assert request["CheckpointConfig"] == {"S3Uri": "s3://bucket/checkpoints/digits-cnn/monday"}
    assert "EnableManagedSpotTraining" not in request


def test_metrics_are_those_of_the_test_data_and_of_every_epoch():
    definitions = requested(PLAN)["AlgorithmSpecification"]["MetricDefinitions"]
    patterns = {item["Name"]: item["Regex"] for item in definitions}
    assert set(patterns) == {*(f"test:{name}" for name in DIGITS.metrics), *DIGITS.epoch_metrics}
    assert {"train:loss", "validation:accuracy"} <= set(patterns)
    assert re.search(patterns["train:loss"], "train:loss=1.5e-3").group(1) == "1.5e-3"


def test_single_instance_has_no_distribution_parameters():
    assert not any("distribution" in name for name in requested(PLAN)["HyperParameters"])


def test_several_instances_use_the_multi_worker_strategy():
    request = requested(replace(PLAN, instance_count=2))
    assert request["ResourceConfig"]["InstanceCount"] == 2
    hyperparameters = request["HyperParameters"]
    assert hyperparameters["sagemaker_multi_worker_mirrored_strategy_enabled"] == "true"
    assert hyperparameters["sagemaker_distribution_instance_groups"] == '["homogeneousCluster"]'


def test_spot_job_waits_at_least_as_long_as_it_can_run():
    request = requested(replace(PLAN, spot=True))
    assert request["EnableManagedSpotTraining"] is True
    times = request["StoppingCondition"]
    assert times["MaxWaitTimeInSeconds"] >= times["MaxRuntimeInSeconds"]
