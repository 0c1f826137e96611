"""The plans of jobs that were started earlier: to repeat one, or to register the model of one."""

import argparse
import hashlib
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
from scripts.account.lineage import read_lineage
from scripts.account.model_archives import location_of
from scripts.account.registry import describe_package, list_packages, recipe_package
from scripts.jobs.bundles import bundle_key
from scripts.jobs.channels import channel_keys, data_prefix, version_of
from scripts.jobs.data_versions import DataVersions
from scripts.jobs.training_flags import SET_BY_JOB, refuse_flags
from scripts.jobs.training_job import find_job
from scripts.jobs.training_plans import TrainingPlan


@dataclass(frozen=True)
class Likeness:
    """The lineage of a package, and the sha256 of the code that trained its model."""

    arn: str
    lineage: Mapping[str, Any]
    code_sha256: str

    def hyperparameters(self, recipe: Recipe) -> Hyperparameters:
        """Return the hyperparameters of the model's training job."""
        return parse_hyperparameters(self.lineage["hyperparameters"], recipe.hyperparameters)

    def apply(self, aws: Aws, plan: TrainingPlan) -> TrainingPlan:
        """Return a plan with the code and the channels of the package, in the plan's bucket.

        Raise DeploymentError if the code cannot be read, or the environment has other data.
        """
        uri, bucket = self.lineage["code_uri"], plan.foundation.bucket
        unreadable = ("NoSuchKey", "NoSuchBucket", "AccessDenied")
        response = aws.make(Call("s3", "get_object", location_of(uri)), *unreadable)
        bundle = response["Body"].read() if response else b""
        actual = hashlib.sha256(bundle).hexdigest() if bundle else "no readable object"
        if actual != self.code_sha256:
            raise DeploymentError(
                f"{uri} is not the code that trained {self.arn}: expected sha256 "
                f"{self.code_sha256}, found {actual}. Check out commit "
                f"{self.lineage['commit'] or '(unknown)'}, and train without --like"
            )
        data = DataVersions(aws, plan.recipe, plan.stack, bucket)
        keys = self._channels(data, plan)
        return replace(
            plan,
            code_uri=f"s3://{bucket}/{bundle_key(bundle, plan.stack)}",
            bundle=bundle,
            commit=self.lineage["commit"],
            image=self.lineage["image"],
            channel_keys=keys,
            generated=data.is_generated(keys),
        )

    def _channels(self, data: DataVersions, plan: TrainingPlan) -> dict[str, str]:
        keys = {
            name: data_prefix(plan.recipe, plan.stack) + "/".join(address.split("/")[-3:])
            for name, address in self.lineage["channels"].items()
        }
        missing = [name for name, key in keys.items() if data.head(key) is None]
        if missing:
            raise DeploymentError(
                f"{self.arn} was trained from version {version_of(keys)} of the data, whose "
                f"channels {', '.join(missing)} are missing under {data.uri}. Upload the same data "
                f"with: {data.upload_command}"
            )
        return keys


def read_likeness(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> Likeness:
    """Return the likeness of the package of --like, and set the flags that it replaces."""
    refuse_flags(arguments, "--like repeats the job of a package")
    package = recipe_package(aws, arguments.stack, recipe, arguments.like)
    lineage, properties = read_lineage(aws, package), package.get("CustomerMetadataProperties", {})
    if "code_uri" not in lineage:
        raise DeploymentError(
            f"{arguments.like} does not record its training job: it was registered by an earlier "
            "release, or trained elsewhere. Train a new model without --like"
        )
    for name in SET_BY_JOB:
        setattr(arguments, name, lineage[name])
    return Likeness(arguments.like, lineage, properties.get("code-sha256", "none"))


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
        hashes = {
            channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"].split("/")[-3]
            for channel in self.description["InputDataConfig"]
        }
        keys = channel_keys(plan.recipe, "vectors" in hashes, plan.stack, hashes)
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
    others = ("like", "checkpoints", "spot", "no_report", "no_texts")
    refuse_flags(arguments, "--job waits for a job that was started", *others)
    name = arguments.job
    job = find_job(aws, "--job", name)
    found = job.get("HyperParameters", {}).get("recipe", "no recipe")
    if found != recipe.name:
        raise DeploymentError(f"{name} is a job of {found}, not of recipe {recipe.name}")
    arguments.instance_type = job["ResourceConfig"]["InstanceType"]
    arguments.instance_count = job["ResourceConfig"]["InstanceCount"]
    arguments.input_mode = job["AlgorithmSpecification"]["TrainingInputMode"]
    return EarlierJob(job)
