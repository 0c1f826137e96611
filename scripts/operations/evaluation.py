"""Plan the processing job that evaluates a model."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.training.environment import CHANNEL_FILE, MODEL_SHA256, PROCESSING
from scripts.account.aws import Aws, Call
from scripts.account.container_images import check_instance_type, image_address
from scripts.account.model_archives import approved_archive
from scripts.account.naming import name_in_stack, new_stamp, recipe_tags, release_name
from scripts.account.registry import newest_package, recipe_package
from scripts.account.stacks import foundation
from scripts.jobs.bundles import bundle_key, pack_sources
from scripts.jobs.data_versions import TOGETHER, DataVersions, mark_of

PROGRAM = "newsgroup_classifier.training.evaluate_model"
_START = (
    f"set -e; cd {PROCESSING}/code; tar -xzf sourcedir.tar.gz; "
    "if [ -f requirements.txt ]; then python3 -m pip install -r requirements.txt; fi; "
    f"exec python3 -m {PROGRAM}"
)
_MAX_SECONDS = 3600


@dataclass(frozen=True)
class EvaluationPlan:
    """The call that starts the job, and what else the command needs of it."""

    call: Call
    package: Mapping[str, Any]
    channel: str
    data_uri: str  # of the channel's file
    code_uri: str
    bundle: bytes
    output_uri: str  # the prefix of the metrics and the plots
    mark: str  # of figures of a generated sample

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return str(self.call.parameters["ProcessingJobName"])

    @property
    def record(self) -> dict[str, str]:
        """What becomes customer metadata, since no update of a package changes its ModelMetrics."""
        return {f"evaluation-{self.channel}": f"{self.output_uri}/metrics.json"}


def plan_evaluation(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> EvaluationPlan:
    """Return the plan of the job; raise DeploymentError if it cannot run."""
    stack, kind, channel = arguments.stack, arguments.instance_type, arguments.channel
    aws.check_flag("--instance-type", kind, "ProcessingInstanceType")
    check_instance_type(aws, [recipe.framework], kind)
    if arguments.package:
        package = recipe_package(aws, stack, recipe, arguments.package)
    else:
        package = newest_package(aws, stack, recipe)
    archive = approved_archive(aws, stack, recipe, package)
    base = foundation(aws, stack)
    data = DataVersions(aws, recipe, stack, base.bucket)
    channels = data.find(False, arguments.data)
    keys = {name: channels[name] for name in TOGETHER}
    bundle = pack_sources(recipe.requirements, own=recipe.own)
    root, scope = f"s3://{base.bucket}", name_in_stack(stack, recipe.scope)
    name = release_name(scope, new_stamp())
    code_uri, data_uri = f"{root}/{bundle_key(bundle, stack)}", f"{root}/{keys[channel]}"
    output_uri = f"{root}/evaluations/{scope}/{name}"  # where transform jobs' role can write
    folder, _, file = data_uri.rpartition("/")
    inputs = {"code": code_uri, "model": archive.uri, "channel": f"{folder}/"}
    output = {
        "S3Uri": output_uri,
        "LocalPath": f"{PROCESSING}/evaluation",
        "S3UploadMode": "EndOfJob",
    }
    parameters = {
        "ProcessingJobName": name,
        "RoleArn": base.transform_role_arn or base.role_arn,
        "AppSpecification": {
            "ImageUri": image_address(aws, recipe.framework, kind),
            "ContainerEntrypoint": ["/bin/bash", "-c", _START],
        },
        "Environment": {CHANNEL_FILE: file, MODEL_SHA256: archive.sha256},
        "ProcessingInputs": [_input(name, uri) for name, uri in inputs.items()],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "evaluation", "S3Output": output}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": kind, "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_SECONDS},
        "Tags": recipe_tags(stack, recipe),
    }
    call = Call("sagemaker", "create_processing_job", parameters)
    mark = mark_of(data.source(keys))
    return EvaluationPlan(call, package, channel, data_uri, code_uri, bundle, output_uri, mark)


def _input(name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": f"{PROCESSING}/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"InputName": name, "S3Input": source}
