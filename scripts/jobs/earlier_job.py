"""The plans of jobs that were started earlier: to repeat one, or to register the model of one."""

import argparse
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.training.environment import COMMIT
from scripts.account.aws import Aws, Call
from scripts.account.lineage import read_lineage
from scripts.account.model_archives import location_of
from scripts.account.registry import describe_package, list_packages, recipe_package
from scripts.jobs.bundles import bundle_key
from scripts.jobs.data_versions import DataVersions, channel_keys, data_prefix, version_of
from scripts.jobs.training_flags import SET_BY_JOB, check_job_arguments, refuse_flags
from scripts.jobs.training_job import find_job
from scripts.jobs.training_plans import TrainingPlan, plan_training


def plan_again(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> TrainingPlan:
    """Return a plan with the code, data, and hyperparameters of the package of --like.

    Raise DeploymentError if the code cannot be read, or the environment has other data.
    """
    refuse_flags(arguments, "--like repeats the job of a package")
    arn: str = arguments.like
    package = recipe_package(aws, arguments.stack, recipe, arn)
    lineage = read_lineage(aws, package)
    if "code_uri" not in lineage:
        raise DeploymentError(
            f"{arn} does not record its training job: it was registered by an earlier release, or "
            "trained elsewhere. Train a new model without --like"
        )
    for name in SET_BY_JOB:
        setattr(arguments, name, lineage[name])
    check_job_arguments(recipe, arguments)
    hyperparameters = parse_hyperparameters(lineage["hyperparameters"], recipe.hyperparameters)
    plan = plan_training(aws, recipe, hyperparameters, arguments)
    uri, bucket = lineage["code_uri"], plan.foundation.bucket
    unreadable = ("NoSuchKey", "NoSuchBucket", "AccessDenied")
    response = aws.make(Call("s3", "get_object", location_of(uri)), *unreadable)
    bundle = response["Body"].read() if response else b""
    actual = hashlib.sha256(bundle).hexdigest() if bundle else "no readable object"
    expected = package["CustomerMetadataProperties"].get("code-sha256", "none")
    if actual != expected:
        raise DeploymentError(
            f"{uri} is not the code that trained {arn}: expected sha256 {expected}, found "
            f"{actual}. Check out commit {lineage['commit'] or '(unknown)'}, and train without "
            "--like"
        )
    data = DataVersions(aws, recipe, plan.stack, bucket)
    keys = {
        name: data_prefix(recipe, plan.stack) + "/".join(address.split("/")[-3:])
        for name, address in lineage["channels"].items()
    }
    missing = [name for name, key in keys.items() if data.head(key) is None]
    if missing:
        raise DeploymentError(
            f"{arn} was trained from version {version_of(keys)} of the data, whose channels "
            f"{', '.join(missing)} are missing under {data.uri}. Upload the same data with: "
            f"{data.upload_command}"
        )
    return replace(
        plan,
        code_uri=f"s3://{bucket}/{bundle_key(bundle, plan.stack)}",
        bundle=bundle,
        commit=lineage["commit"],
        image=lineage["image"],
        channel_keys=keys,
        generated=data.is_generated(keys),
    )


def plan_of_job(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> TrainingPlan:
    """Return the plan of the job of --job, which was started earlier.

    Raise DeploymentError if there is no such job of the recipe, if it is of another environment, or
    if its model is registered.
    """
    others = ("like", "checkpoints", "spot", "no_report", "no_texts")
    refuse_flags(arguments, "--job waits for a job that was started", *others)
    name: str = arguments.job
    job = find_job(aws, "--job", name)
    texts = job.get("HyperParameters", {})
    if texts.get("recipe") != recipe.name:
        raise DeploymentError(
            f"{name} is a job of {texts.get('recipe', 'no recipe')}, not of recipe {recipe.name}"
        )
    arguments.instance_type = job["ResourceConfig"]["InstanceType"]
    arguments.instance_count = job["ResourceConfig"]["InstanceCount"]
    arguments.input_mode = job["AlgorithmSpecification"]["TrainingInputMode"]
    check_job_arguments(recipe, arguments)
    own = {name: texts[name] for name in recipe.defaults if name in texts}
    hyperparameters = parse_hyperparameters(own, recipe.hyperparameters)
    plan = plan_training(aws, recipe, hyperparameters, arguments)
    check_environment(job, plan)
    hashes = {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"].split("/")[-3]
        for channel in job["InputDataConfig"]
    }
    keys = channel_keys(recipe, "vectors" in hashes, plan.stack, hashes)
    code_uri, bucket = texts["sagemaker_submit_directory"], plan.foundation.bucket
    plan = replace(
        plan,
        job_name=name,
        code_uri=code_uri,
        bundle=aws.make(Call("s3", "get_object", location_of(code_uri)))["Body"].read(),
        commit=job.get("Environment", {}).get(COMMIT, ""),
        image=job["AlgorithmSpecification"]["TrainingImage"],
        channel_keys=keys,
        generated=DataVersions(aws, recipe, plan.stack, bucket).is_generated(keys),
    )
    _check_unregistered(aws, plan, job["CreationTime"])
    return plan


def check_environment(job: Mapping[str, Any], plan: TrainingPlan) -> None:
    """Raise DeploymentError unless the output of a job is where a plan has its own."""
    path = job["OutputDataConfig"]["S3OutputPath"]
    if path != plan.output_path:
        raise DeploymentError(
            f"the output of {job['TrainingJobName']} is under {path}, expected {plan.output_path}. "
            "Pass the --recipe, --name, and --stack that the job was started with"
        )


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
