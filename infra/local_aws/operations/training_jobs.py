"""CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs, StopTrainingJob."""

import re
import threading
from typing import Any

from botocore.model import OperationModel

from infra.local_aws.cloud import check_role
from infra.local_aws.errors import ValidationError, not_reproduced
from infra.local_aws.images import find_image
from infra.local_aws.operations.reading import describe, listing
from infra.local_aws.records import Table, now
from infra.local_aws.region import Region
from infra.local_aws.training_run import run_training_job


def create_training_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record the job and start it in a thread of its own."""
    _check(region, request)
    name = request["TrainingJobName"]
    arn = region.arn("training-job", name)
    time = now()
    record = {key: value for key, value in request.items() if key != "Tags"}
    record |= {
        "TrainingJobArn": arn,
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [],
        "CreationTime": time,
        "LastModifiedTime": time,
    }
    region.training_jobs.add(name, record)
    region.set_tags(arn, request.get("Tags"))
    threading.Thread(
        target=run_training_job, args=(region, name), name=f"training-{name}", daemon=True
    ).start()
    return {"TrainingJobArn": arn}


def _check(region: Region, request: dict[str, Any]) -> None:
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        raise ValidationError("AlgorithmSpecification.TrainingImage is missing.")
    if "ResourceConfig" not in request:
        raise ValidationError("ResourceConfig is missing.")
    find_image(algorithm["TrainingImage"])
    if algorithm.get("ContainerArguments") and not algorithm.get("ContainerEntrypoint"):
        raise not_reproduced(
            "AlgorithmSpecification.ContainerArguments of CreateTrainingJob without a "
            "ContainerEntrypoint"
        )
    for definition in algorithm.get("MetricDefinitions", []):
        _check_metric(definition)
    for channel in request.get("InputDataConfig", []):
        _check_channel(channel, algorithm)
    check_role(region.settings, region.name, request["RoleArn"])


def _check_metric(definition: dict[str, str]) -> None:
    try:
        re.compile(definition["Regex"])
    except re.error as error:
        raise ValidationError(
            f"The Regex of the metric {definition['Name']} is no regular expression: {error}"
        ) from error


def _check_channel(channel: dict[str, Any], algorithm: dict[str, Any]) -> None:
    mode = channel.get("InputMode", algorithm.get("TrainingInputMode", "File"))
    if mode != "File":
        raise not_reproduced(f"the input mode {mode} (channel {channel['ChannelName']})")
    if not channel["DataSource"].get("S3DataSource"):
        raise ValidationError(f"The channel {channel['ChannelName']} has no S3DataSource.")


def stop_training_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Ask a running job to end; its thread turns Stopping into Stopped."""
    name = request["TrainingJobName"]
    with region.lock:
        status = region.training_jobs.get(name)["TrainingJobStatus"]
        if status != "InProgress":
            raise ValidationError(
                f"The request was rejected because the training job is in status {status}."
            )
        region.training_jobs.update(name, TrainingJobStatus="Stopping", SecondaryStatus="Stopping")
        process = region.job_processes.get(name)
    if process is not None:
        threading.Thread(target=process.stop, args=(120.0,), daemon=True).start()
    return {}


def _jobs(region: Region) -> Table:
    return region.training_jobs


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": describe(_jobs, "TrainingJobName"),
    "ListTrainingJobs": listing(_jobs, "TrainingJobName"),
    "StopTrainingJob": stop_training_job,
}
