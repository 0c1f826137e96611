"""The request of a training job, as a pure function of a frozen value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Call
from scripts.account.naming import checkpoints_prefix, jobs_prefix, recipe_tags, release_name
from scripts.account.stacks import Foundation

ENTRY_POINTS = {
    "scikit-learn": "newsgroup_classifier/training/train_sklearn.py",
    "tensorflow": "newsgroup_classifier/training/train_tensorflow.py",
}
INSTANCE_TYPES = {"scikit-learn": "ml.m5.large", "tensorflow": "ml.c5.2xlarge"}
_MAX_SECONDS = {"scikit-learn": 3600, "tensorflow": 4 * 3600}
_MAX_WAIT_SECONDS = 24 * 3600  # of a spot job, for instances and for all of its runs
# What SDK v2 sends for the distribution that the TensorFlow container knows by this name.
_MULTI_WORKER = {
    "sagemaker_multi_worker_mirrored_strategy_enabled": "true",
    "sagemaker_distribution_instance_groups": '["homogeneousCluster"]',
}
_CONTENT_TYPES = {"texts": "text/csv", "images": "application/x-npz"}
_NUMBER = "([0-9.eE+-]+)"


@dataclass(frozen=True)
class TrainingPlan:
    """What a training job is made from.

    `checkpoints` is the name under which it keeps them, another job's to go on from there; ""
    keeps none. A `spot` job may be interrupted and is cheaper. `input_mode` says how the
    channels come: as files (File), or through pipes while the job runs (Pipe).
    """

    recipe: Recipe
    stamp: str
    image: str
    instance_type: str
    hyperparameters: Mapping[str, Any]
    code_uri: str
    channel_uris: Mapping[str, str]
    foundation: Foundation
    instance_count: int = 1
    checkpoints: str = ""
    spot: bool = False
    input_mode: str = "File"

    @property
    def job_name(self) -> str:
        """The job's name."""
        return release_name(self.recipe.name, self.stamp)

    @property
    def output_path(self) -> str:
        """Where the job writes below."""
        return f"s3://{self.foundation.bucket}/{jobs_prefix(self.recipe.name)}".rstrip("/")

    @property
    def model_uri(self) -> str:
        """Where the job puts its model."""
        return f"{self.output_path}/{self.job_name}/output/model.tar.gz"

    @property
    def checkpoints_uri(self) -> str:
        """Where the job keeps its checkpoints."""
        prefix = checkpoints_prefix(self.recipe.name, self.checkpoints)
        return f"s3://{self.foundation.bucket}/{prefix}"


def training_call(plan: TrainingPlan) -> Call:
    """Return the call that starts the training job."""
    return Call(
        "sagemaker",
        "create_training_job",
        {
            "TrainingJobName": plan.job_name,
            **job_definition(plan),
            "HyperParameters": hyperparameters_as_text(plan),
            "Tags": recipe_tags(plan.recipe.name),
        },
    )


def job_definition(plan: TrainingPlan) -> dict[str, Any]:
    """Return what a training job's request says beside its name, hyperparameters and tags.

    The training jobs of a tuning job are defined by the same members.
    """
    return {
        "AlgorithmSpecification": {
            "TrainingImage": plan.image,
            "TrainingInputMode": plan.input_mode,
            "MetricDefinitions": _metrics(plan.recipe),
        },
        "RoleArn": plan.foundation.role_arn,
        "InputDataConfig": [
            _channel(plan.recipe, name, uri) for name, uri in plan.channel_uris.items()
        ],
        "OutputDataConfig": {"S3OutputPath": plan.output_path},
        "ResourceConfig": {
            "InstanceType": plan.instance_type,
            "InstanceCount": plan.instance_count,
            "VolumeSizeInGB": 10,
        },
        **_times(plan),
        **({"CheckpointConfig": {"S3Uri": plan.checkpoints_uri}} if plan.checkpoints else {}),
    }


def _metrics(recipe: Recipe) -> list[dict[str, str]]:
    tested = [f"test:{name}" for name in recipe.metrics]
    names = dict.fromkeys((*tested, *recipe.epoch_metrics, OBJECTIVE))
    return [{"Name": name, "Regex": f"{name}={_NUMBER}"} for name in names]


def _times(plan: TrainingPlan) -> dict[str, Any]:
    """Return how long the job may run, and wait for instances that others do not need."""
    longest = {"MaxRuntimeInSeconds": _MAX_SECONDS[plan.recipe.framework]}
    if not plan.spot:
        return {"StoppingCondition": longest}
    return {
        "StoppingCondition": longest | {"MaxWaitTimeInSeconds": _MAX_WAIT_SECONDS},
        "EnableManagedSpotTraining": True,
    }


def hyperparameters_as_text(plan: TrainingPlan) -> dict[str, str]:
    """Return the hyperparameters, and what the launcher is told in their midst, as text."""
    found = {"recipe": plan.recipe.name}
    for name, value in plan.hyperparameters.items():
        found[name] = value_as_text(name, value)
    platform = {
        "sagemaker_program": ENTRY_POINTS[plan.recipe.framework],
        "sagemaker_submit_directory": plan.code_uri,
        **(_MULTI_WORKER if plan.instance_count > 1 else {}),
    }
    return found | platform


def value_as_text(name: str, value: Value) -> str:
    """Return a hyperparameter's value as text that every launcher takes."""
    text = value if isinstance(value, str) else json.dumps(value)
    if "'" in name + text:
        raise HyperparameterError(
            f"hyperparameter {name} is {text!r}; a job that SDK v3 launches dies of an "
            "apostrophe in a hyperparameter before it trains. Choose a value without one."
        )
    return text


def _channel(recipe: Recipe, name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {
        "ChannelName": name,
        "ContentType": _CONTENT_TYPES[recipe.inputs],
        "DataSource": {"S3DataSource": source},
    }
