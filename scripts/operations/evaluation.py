"""The plan of the processing job that evaluates a model, and its requests as pure functions."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.training.environment import CHANNEL_FILE, MODEL_SHA256, PROCESSING
from scripts.account.aws import Aws, Call
from scripts.account.container_images import check_instance_type, image_address
from scripts.account.model_archives import ModelArchive, approved_archive
from scripts.account.naming import (
    DEFAULT_STACK,
    name_in_stack,
    new_stamp,
    recipe_tags,
    release_name,
)
from scripts.account.registry import newest_package, recipe_package
from scripts.account.stacks import foundation
from scripts.jobs.bundles import bundle_key, pack_sources
from scripts.jobs.channels import TOGETHER, mark_of
from scripts.jobs.data_versions import DataVersions

PROGRAM = "newsgroup_classifier.training.evaluate_model"
_START = (
    f"set -e; cd {PROCESSING}/code; tar -xzf sourcedir.tar.gz; "
    "if [ -f requirements.txt ]; then python3 -m pip install -r requirements.txt; fi; "
    f"exec python3 -m {PROGRAM}"
)
_MAX_SECONDS = 3600
_PROPERTY = "evaluation"  # in CustomerMetadataProperties, with the name of the channel


@dataclass(frozen=True)
class EvaluationPlan:
    """The parameters of the job; `channel_key` is the key of the channel's file."""

    recipe: Recipe
    stamp: str
    package: Mapping[str, Any]
    archive: ModelArchive
    channel: str
    channel_key: str
    image: str
    instance_type: str
    code_uri: str
    bundle: bytes
    bucket: str
    role_arn: str
    stack: str = DEFAULT_STACK
    mark: str = ""  # of figures of a generated sample

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return release_name(name_in_stack(self.stack, self.recipe.scope), self.stamp)

    @property
    def output_uri(self) -> str:
        """The prefix of the metrics and the plots, where the role of transform jobs can write."""
        scope = name_in_stack(self.stack, self.recipe.scope)
        return f"s3://{self.bucket}/evaluations/{scope}/{self.job_name}"


def plan_evaluation(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> EvaluationPlan:
    """Return the plan of the job; raise DeploymentError if it cannot run."""
    stack, kind = arguments.stack, arguments.instance_type
    aws.check_flag("--instance-type", kind, "ProcessingInstanceType")
    check_instance_type(aws, [recipe.framework], kind)
    package = (
        recipe_package(aws, stack, recipe, arguments.package)
        if arguments.package
        else newest_package(aws, stack, recipe)
    )
    archive = approved_archive(aws, stack, recipe, package)
    base = foundation(aws, stack)
    data = DataVersions(aws, recipe, stack, base.bucket)
    channels = data.find(False, arguments.data)
    keys = {name: channels[name] for name in TOGETHER}
    bundle = pack_sources(recipe.requirements, own=recipe.own)
    return EvaluationPlan(
        recipe=recipe,
        stamp=new_stamp(),
        package=package,
        archive=archive,
        channel=arguments.channel,
        channel_key=keys[arguments.channel],
        image=image_address(aws, recipe.framework, kind),
        instance_type=kind,
        code_uri=f"s3://{base.bucket}/{bundle_key(bundle, stack)}",
        bundle=bundle,
        bucket=base.bucket,
        role_arn=base.transform_role_arn or base.role_arn,
        stack=stack,
        mark=mark_of(data.source(keys)),
    )


def processing_call(plan: EvaluationPlan) -> Call:
    """Return the call that starts the job."""
    prefix, _, file = f"s3://{plan.bucket}/{plan.channel_key}".rpartition("/")
    inputs = {"code": plan.code_uri, "model": plan.archive.uri, "channel": f"{prefix}/"}
    output = {
        "S3Uri": plan.output_uri,
        "LocalPath": f"{PROCESSING}/evaluation",
        "S3UploadMode": "EndOfJob",
    }
    cluster = {"InstanceType": plan.instance_type, "InstanceCount": 1, "VolumeSizeInGB": 10}
    parameters = {
        "ProcessingJobName": plan.job_name,
        "RoleArn": plan.role_arn,
        "AppSpecification": {
            "ImageUri": plan.image,
            "ContainerEntrypoint": ["/bin/bash", "-c", _START],
        },
        "Environment": {CHANNEL_FILE: file, MODEL_SHA256: plan.archive.sha256},
        "ProcessingInputs": [_input(name, uri) for name, uri in inputs.items()],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "evaluation", "S3Output": output}]},
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_SECONDS},
        "Tags": recipe_tags(plan.stack, plan.recipe),
    }
    return Call("sagemaker", "create_processing_job", parameters)


def _input(name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": f"{PROCESSING}/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"InputName": name, "S3Input": source}


def record_call(plan: EvaluationPlan, package: Mapping[str, Any]) -> Call:
    """Return the call that records the metrics with the package, as it is described now.

    UpdateModelPackage cannot change ModelMetrics, which are set at registration only, so their
    address becomes customer metadata.
    """
    # All properties, since AWS does not document whether an update keeps those that it omits.
    properties = package.get("CustomerMetadataProperties", {})
    record = {f"{_PROPERTY}-{plan.channel}": f"{plan.output_uri}/metrics.json"}
    parameters = {
        "ModelPackageArn": package["ModelPackageArn"],
        "CustomerMetadataProperties": {**properties, **record},
    }
    return Call("sagemaker", "update_model_package", parameters)
