"""The request of a training job."""

import argparse
import re
from dataclasses import replace
from typing import Any

import pytest

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts import train
from scripts.account.aws import Call
from scripts.jobs.training_plans import TrainingPlan, training_call
from tests.scripts.endpoints.plans import MODEL, NAME, ROLE, TAGS, training_plan
from tests.scripts.processes import IMAGE, RECIPE

DIGITS = RECIPES["digits-cnn"]
PLAN = replace(
    training_plan(DIGITS.name),
    image="image",
    instance_type="ml.c5.2xlarge",
    hyperparameters={"epochs": 2},
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


def test_job_knows_the_name_of_own_data_and_whether_the_data_is_a_generated_sample():
    assert "Environment" not in requested(PLAN)
    recipe = RECIPES["text-linear"].for_data("tickets")
    assert requested(replace(PLAN, recipe=recipe, generated=True))["Environment"] == {
        "NEWSGROUP_CLASSIFIER_DATA_NAME": "tickets",
        "NEWSGROUP_CLASSIFIER_GENERATED_SAMPLE": "yes",
    }


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


def channel(name: str) -> dict[str, object]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://bucket/data/{name}/",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def test_training_call_runs_the_recipe_s_program_on_both_channels():
    tested = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1")
    metrics = (*(f"test:{name}" for name in tested), "validation:accuracy")
    assert training_call(training_plan()) == Call(
        "sagemaker",
        "create_training_job",
        {
            "TrainingJobName": NAME,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [
                    {"Name": name, "Regex": rf"{name}=([0-9.eE+-]+)"} for name in metrics
                ],
            },
            "RoleArn": ROLE,
            "HyperParameters": {
                "recipe": RECIPE,
                "alpha": "0.01",
                "sagemaker_program": "newsgroup_classifier/training/train_sklearn.py",
                "sagemaker_submit_directory": "s3://bucket/code/0/sourcedir.tar.gz",
            },
            "InputDataConfig": [channel("train"), channel("test")],
            "OutputDataConfig": {"S3OutputPath": f"s3://bucket/jobs/{RECIPE}"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "Tags": TAGS,
        },
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (3, "3"), (True, "true"), (None, "null"), ("w", "w")]
)
def test_training_call_spells_values_as_both_launchers_read_them(value, text):
    plan = replace(training_plan(), hyperparameters={"any": value})
    assert training_call(plan).parameters["HyperParameters"]["any"] == text


@pytest.mark.parametrize("values", [{"word": "it's"}, {"it's": 1}], ids=["a value", "a name"])
def test_training_call_sends_no_apostrophe(values):
    with pytest.raises(HyperparameterError, match="apostrophe") as raised:
        training_call(replace(training_plan(), hyperparameters=values))
    (name,) = values
    assert str(raised.value).startswith(f"hyperparameter {name} is ")


def test_model_uri_is_the_job_s_output():
    assert training_plan().model_uri == MODEL
