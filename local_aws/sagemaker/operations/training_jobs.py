"""CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs, StopTrainingJob."""

import re
import threading
from pathlib import Path
from typing import Any

from botocore.model import OperationModel

from local_aws.cloud import check_role
from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Table, now
from local_aws.region import Region
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.operations.reading import describe, listing
from local_aws.sagemaker.training.channels import check_channel
from local_aws.sagemaker.training.checkpoints import folder_of
from local_aws.sagemaker.training.job import MAX_RUNTIME, STOP_GRACE, run_training_job
from local_aws.sagemaker.training.launchers import check_launcher
from local_aws.sagemaker.training.progress import first_state

MOST_INSTANCES = 10


def create_training_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record the job and start it in a thread of its own."""
    check_training_job(region, request)
    return {"TrainingJobArn": start_training_job(region, request)}


def start_training_job(region: Region, request: dict[str, Any], **more: Any) -> str:
    """Record a job that was checked, with what else is known of it; start it; return its ARN."""
    name = request["TrainingJobName"]
    arn = region.arn("training-job", name)
    time = now()
    record = {key: value for key, value in request.items() if key != "Tags"} | more
    record |= first_state() | {
        "TrainingJobArn": arn,
        "CreationTime": time,
        "LastModifiedTime": time,
    }
    region.training_jobs.add(name, record)
    region.set_tags(arn, request.get("Tags"))
    threading.Thread(
        target=run_training_job, args=(region, name), name=f"training-{name}", daemon=True
    ).start()
    return arn


def check_training_job(region: Region, request: dict[str, Any]) -> None:
    """Raise ValidationError unless a job of the request can be started."""
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        raise ValidationError("AlgorithmSpecification.TrainingImage is missing.")
    if "ResourceConfig" not in request:
        raise ValidationError("ResourceConfig is missing.")
    _check_cluster(request["ResourceConfig"])
    _check_spot(request)
    if "CheckpointConfig" in request:
        folder_of(request["CheckpointConfig"], Path())
    if algorithm.get("ContainerArguments") and not algorithm.get("ContainerEntrypoint"):
        raise not_reproduced(
            "AlgorithmSpecification.ContainerArguments of CreateTrainingJob without a "
            "ContainerEntrypoint"
        )
    for definition in algorithm.get("MetricDefinitions", []):
        _check_metric(definition)
    for channel in request.get("InputDataConfig", []):
        check_channel(channel, algorithm)
    check_role(region.settings, region.name, request["RoleArn"])
    check_launcher(find_image(algorithm["TrainingImage"]), request)


def _check_cluster(resources: dict[str, Any]) -> None:
    count = resources.get("InstanceCount", 0)
    if count < 1:
        raise ValidationError(
            "ResourceConfig.InstanceCount is missing or 0. A training job has at least 1 instance."
        )
    if count > MOST_INSTANCES:
        raise not_reproduced(
            f"a training job on {count} instances (all are this laptop; at most {MOST_INSTANCES})"
        )


def _check_spot(request: dict[str, Any]) -> None:
    """Check the two times of managed spot training; nothing interrupts a job here by itself."""
    stopping = request.get("StoppingCondition", {})
    wait = stopping.get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if wait:
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It is supported only when "
                "EnableManagedSpotTraining is set to true"
            )
    elif not wait or wait < stopping.get("MaxRuntimeInSeconds", MAX_RUNTIME):
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )


def _check_metric(definition: dict[str, str]) -> None:
    try:
        re.compile(definition["Regex"])
    except re.error as error:
        raise ValidationError(
            f"The Regex of the metric {definition['Name']} is no regular expression: {error}"
        ) from error


def stop_training_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Ask a running job to end; its thread turns Stopping into Stopped."""
    status = stop_if_running(region, request["TrainingJobName"])
    if status != "InProgress":
        raise ValidationError(
            f"The request was rejected because the training job is in status {status}."
        )
    return {}


def stop_if_running(region: Region, name: str) -> str:
    """Ask a job to end if it runs; return the status it had."""
    with region.lock:
        status: str = region.training_jobs.get(name)["TrainingJobStatus"]
        if status != "InProgress":
            return status
        region.training_jobs.update(name, TrainingJobStatus="Stopping", SecondaryStatus="Stopping")
        processes = region.job_processes.get(name, [])
    for process in processes:
        threading.Thread(target=process.stop, args=(STOP_GRACE,), daemon=True).start()
    return status


def _jobs(region: Region) -> Table:
    return region.training_jobs


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": describe(_jobs, "TrainingJobName"),
    "ListTrainingJobs": listing(_jobs, "TrainingJobName"),
    "StopTrainingJob": stop_training_job,
}
