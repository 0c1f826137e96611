"""The plan of a training job, and its request as a pure function of the plan."""

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Hyperparameters, Value
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.shared_hyperparameters import NO, NO_TEXTS, REPORT
from newsgroup_classifier.training.environment import COMMIT, DATA_NAME, GENERATED_SAMPLE
from scripts.account.aws import Aws, Call
from scripts.account.container_images import check_instance_type, image_address
from scripts.account.model_archives import location_of
from scripts.account.naming import (
    DEFAULT_STACK,
    checkpoints_prefix,
    jobs_folder,
    jobs_prefix,
    name_in_stack,
    new_stamp,
    recipe_tags,
    release_name,
)
from scripts.account.stacks import Foundation, check_jobs_role, foundation
from scripts.jobs.bundles import bundle_key, commit_of, pack_sources
from scripts.jobs.data_versions import CONTENT_TYPES, DataVersions, channel_uris

INSTANCE_TYPES = {"scikit-learn": "ml.m5.large", "tensorflow": "ml.c5.2xlarge"}
_MAX_SECONDS = {"scikit-learn": 3600, "tensorflow": 4 * 3600}
_MAX_WAIT_SECONDS = 24 * 3600  # of a spot job: waiting for instances and all of its runs
# SDK v2 sends these for the distribution that the TensorFlow container calls by this name.
_MULTI_WORKER = {
    "sagemaker_multi_worker_mirrored_strategy_enabled": "true",
    "sagemaker_distribution_instance_groups": '["homogeneousCluster"]',
}
_NUMBER = "([0-9.eE+-]+)"


@dataclass(frozen=True)
class TrainingPlan:
    """Everything that defines a training job."""

    recipe: Recipe
    job_name: str
    image: str
    instance_type: str
    hyperparameters: Mapping[str, Any]
    code_uri: str
    channel_keys: Mapping[str, str]
    foundation: Foundation
    instance_count: int = 1
    checkpoints: str = ""  # the name of its own or of another job's, "" keeps none
    spot: bool = False
    input_mode: str = "File"
    bundle: bytes = b""  # the content of `code_uri`
    stack: str = DEFAULT_STACK
    report: str = REPORT.default
    commit: str = ""  # of the bundle, if it is known
    generated: bool = False  # whether the data is a generated sample

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the job."""
        known = {COMMIT: self.commit, DATA_NAME: self.recipe.data_name}
        known |= {GENERATED_SAMPLE: "yes" if self.generated else ""}
        return {name: value for name, value in known.items() if value}

    @property
    def folder(self) -> str:
        """The folder of the recipe's jobs, which their role can write."""
        return jobs_folder(self.stack, self.recipe)

    @property
    def role_arn(self) -> str:
        """The role that the job runs under."""
        return self.foundation.jobs_role(self.stack, self.recipe)

    @property
    def output_path(self) -> str:
        """The prefix of the job's output."""
        return f"s3://{self.foundation.bucket}/{jobs_prefix(self.folder)}".rstrip("/")

    @property
    def model_uri(self) -> str:
        """The address of the job's model."""
        return f"{self.output_path}/{self.job_name}/output/model.tar.gz"

    @property
    def checkpoints_uri(self) -> str:
        """The address of the job's checkpoints."""
        prefix = checkpoints_prefix(self.folder, self.checkpoints)
        return f"s3://{self.foundation.bucket}/{prefix}"

    @property
    def properties(self) -> dict[str, str]:
        """What the job consumes, for the customer metadata of the model that it trains."""
        channels = {f"channel-{name}": uri for name, uri in self.channel_uris.items()}
        return {"code-sha256": hashlib.sha256(self.bundle).hexdigest(), **channels}

    @property
    def channel_uris(self) -> dict[str, str]:
        """The S3 prefix that each channel is read from."""
        return channel_uris(self.foundation.bucket, self.channel_keys)


def plan_training(
    aws: Aws, recipe: Recipe, hyperparameters: Hyperparameters, arguments: argparse.Namespace
) -> TrainingPlan:
    """Return the plan of a job; raise DeploymentError if its instances cannot run it."""
    stack: str = arguments.stack
    aws.check_flag("--instance-type", arguments.instance_type, "TrainingInstanceType")
    instance_type = arguments.instance_type or INSTANCE_TYPES[recipe.framework]
    check_instance_type(aws, [recipe.framework], instance_type)
    base = foundation(aws, stack)
    check_jobs_role(aws, base, stack, recipe)
    bundle = pack_sources(recipe.requirements, own=recipe.own)
    data = DataVersions(aws, recipe, stack, base.bucket)
    keys = data.find(recipe.reads_vectors(hyperparameters), arguments.data)
    name = release_name(name_in_stack(stack, recipe.scope), new_stamp())
    return TrainingPlan(
        recipe=recipe,
        job_name=name,
        image=image_address(aws, recipe.framework, instance_type),
        instance_type=instance_type,
        hyperparameters=hyperparameters,
        code_uri=f"s3://{base.bucket}/{bundle_key(bundle, stack)}",
        channel_keys=keys,
        foundation=base,
        instance_count=arguments.instance_count or 1,
        checkpoints=name if arguments.checkpoints is None else arguments.checkpoints,
        spot=arguments.spot,
        input_mode=arguments.input_mode or "File",
        bundle=bundle,
        stack=stack,
        report=_report(arguments),
        commit=commit_of(),
        generated=data.is_generated(keys),
    )


def _report(arguments: argparse.Namespace) -> str:
    """Return the value of the parameter REPORT."""
    if arguments.no_report:
        return NO
    return NO_TEXTS if arguments.no_texts else str(REPORT.default)


def upload_call(uri: str) -> Call:
    """Return the call that uploads a source bundle to its address, without its body."""
    return Call("s3", "put_object", location_of(uri))


def training_call(plan: TrainingPlan) -> Call:
    """Return the call that starts the training job."""
    parameters = {
        "TrainingJobName": plan.job_name,
        **job_definition(plan),
        "HyperParameters": hyperparameters_as_text(plan),
        "Tags": recipe_tags(plan.stack, plan.recipe),
    }
    return Call("sagemaker", "create_training_job", parameters)


def job_definition(plan: TrainingPlan) -> dict[str, Any]:
    """Return the request of a training job, or of those of a tuning job, without what differs."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": plan.image,
            "TrainingInputMode": plan.input_mode,
            "MetricDefinitions": _metrics(plan.recipe),
        },
        "RoleArn": plan.role_arn,
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
        **({"Environment": plan.variables} if plan.variables else {}),
        **({"CheckpointConfig": {"S3Uri": plan.checkpoints_uri}} if plan.checkpoints else {}),
    }


def _metrics(recipe: Recipe) -> list[dict[str, str]]:
    tested = [f"test:{name}" for name in recipe.metrics]
    names = dict.fromkeys((*tested, *recipe.epoch_metrics, OBJECTIVE))
    return [{"Name": name, "Regex": f"{name}={_NUMBER}"} for name in names]


def _times(plan: TrainingPlan) -> dict[str, Any]:
    limit = {"MaxRuntimeInSeconds": _MAX_SECONDS[plan.recipe.framework]}
    if not plan.spot:
        return {"StoppingCondition": limit}
    return {
        "StoppingCondition": limit | {"MaxWaitTimeInSeconds": _MAX_WAIT_SECONDS},
        "EnableManagedSpotTraining": True,
    }


def hyperparameters_as_text(plan: TrainingPlan) -> dict[str, str]:
    """Return the hyperparameters and the parameters of the launcher as text."""
    texts = {name: value_as_text(name, value) for name, value in plan.hyperparameters.items()}
    return {
        "recipe": plan.recipe.name,
        **texts,
        **({REPORT.name: plan.report} if plan.report != REPORT.default else {}),
        "sagemaker_program": plan.recipe.program,
        "sagemaker_submit_directory": plan.code_uri,
        **(_MULTI_WORKER if plan.instance_count > 1 else {}),
    }


def value_as_text(name: str, value: Value) -> str:
    """Return the value of a hyperparameter as text that every launcher accepts."""
    text = value if isinstance(value, str) else json.dumps(value)
    if "'" in name + text:
        raise HyperparameterError(
            f"hyperparameter {name} is {text!r}; a job that SDK v3 launches fails on an "
            "apostrophe before it trains. Choose a value without one."
        )
    return text


def _channel(recipe: Recipe, name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {
        "ChannelName": name,
        "ContentType": CONTENT_TYPES[recipe.inputs],
        "DataSource": {"S3DataSource": source},
    }
