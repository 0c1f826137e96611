"""A training job that an earlier command started, to wait for it and register its model."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import Hyperparameters, parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.training.environment import COMMIT
from scripts.account.aws import Aws, Call
from scripts.account.model_archives import location_of
from scripts.account.registry import describe_package, list_packages
from scripts.jobs.data_versions import DataVersions
from scripts.jobs.training_flags import refuse_flags
from scripts.jobs.training_plans import TrainingPlan


@dataclass(frozen=True)
class EarlierJob:
    """The description of a training job of a recipe."""

    description: Mapping[str, Any]

    @property
    def _texts(self) -> Mapping[str, str]:
        return self.description["HyperParameters"]

    def hyperparameters(self, recipe: Recipe) -> Hyperparameters:
        """Return the hyperparameters of the job."""
        texts = {name: self._texts[name] for name in recipe.defaults if name in self._texts}
        return parse_hyperparameters(texts, recipe.hyperparameters)

    def apply(self, aws: Aws, plan: TrainingPlan) -> TrainingPlan:
        """Return the plan of the job.

        Raise DeploymentError if it is of another environment, or its model is registered.
        """
        name = self.description["TrainingJobName"]
        path = self.description["OutputDataConfig"]["S3OutputPath"]
        if path != plan.output_path:
            raise DeploymentError(
                f"the output of {name} is under {path}, expected {plan.output_path}. Pass the "
                "--recipe, --name, and --stack that the job was started with"
            )
        bucket, code_uri = plan.foundation.bucket, self._texts["sagemaker_submit_directory"]
        keys = {
            channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"].removeprefix(
                f"s3://{bucket}/"
            )
            + plan.channel_keys[channel["ChannelName"]].rpartition("/")[2]
            for channel in self.description["InputDataConfig"]
        }
        response = aws.make(Call("s3", "get_object", location_of(code_uri)))
        plan = replace(
            plan,
            job_name=name,
            code_uri=code_uri,
            bundle=response["Body"].read(),
            commit=self.description.get("Environment", {}).get(COMMIT, ""),
            image=self.description["AlgorithmSpecification"]["TrainingImage"],
            channel_keys=keys,
            generated=DataVersions(aws, plan.recipe, plan.stack, bucket).is_generated(keys),
        )
        _check_unregistered(aws, plan, self.description["CreationTime"])
        return plan


def _check_unregistered(aws: Aws, plan: TrainingPlan, created: datetime) -> None:
    """Raise DeploymentError if the model of a job, created at a time, is already registered."""
    packages = list_packages(aws, plan.stack, plan.recipe)
    for summary in takewhile(lambda package: package["CreationTime"] > created, packages):
        arn = summary["ModelPackageArn"]
        containers = describe_package(aws, arn)["InferenceSpecification"]["Containers"]
        if containers[0]["ModelDataUrl"] == plan.model_uri:
            raise DeploymentError(
                f"the model of {plan.job_name} is already registered as {arn} "
                f"({summary['ModelApprovalStatus']})"
            )


def read_earlier_job(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> EarlierJob:
    """Return the job of --job, and set the flags that it replaces.

    Raise DeploymentError if one of these was passed, or if there is no such job of the recipe.
    """
    refuse_flags(arguments, "--job waits for a job that was started", "like", "checkpoints", "spot")
    name = arguments.job
    aws.check_flag("--job", name, "TrainingJobName")
    call = Call("sagemaker", "describe_training_job", {"TrainingJobName": name})
    job = aws.make(call, "not found", "Could not find")
    if job is None:
        raise DeploymentError(
            f"there is no training job {name!r} in region {aws.region}; expected the name of one "
            "that train or tune started"
        )
    found = job.get("HyperParameters", {}).get("recipe", "no recipe")
    if found != recipe.name:
        raise DeploymentError(f"{name} is a job of {found}, not of recipe {recipe.name}")
    arguments.instance_type = job["ResourceConfig"]["InstanceType"]
    arguments.instance_count = job["ResourceConfig"]["InstanceCount"]
    arguments.input_mode = job["AlgorithmSpecification"]["TrainingInputMode"]
    return EarlierJob(job)
