"""CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs, StopTrainingJob, DeleteTrainingJob."""

from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.jobs.run import MAX_RUNTIME
from local_aws.sagemaker.jobs.uploads import checkpoint_path
from local_aws.sagemaker.operations.jobs import check_cluster, check_network
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.channels import check_channel
from local_aws.sagemaker.training.job import first_state, run_training_job
from local_aws.sagemaker.training.launchers import check_launcher
from local_aws.validation import BoundedPattern, InvalidPattern

_JOBS = Resource("training-job", "TrainingJobName", lambda region: region.training_jobs)


def _create(region: Region, request: Record, model: OperationModel) -> Record:
    check_training_job(region, request)
    for channel in request.get("InputDataConfig", []):
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        objects.check_objects(region.client("s3"), uri, request["RoleArn"])
    return start_training_job(region, request)


def start_training_job(region: Region, request: Record, **fields: Any) -> Record:
    """Record a valid job with additional fields and start it in a thread; return the response."""
    # As on AWS, an output without a key has an empty one.
    output = {"KmsKeyId": "", **request.get("OutputDataConfig", {})}
    condition = {"MaxRuntimeInSeconds": MAX_RUNTIME} | request.get("StoppingCondition", {})
    fields |= {"OutputDataConfig": output, "StoppingCondition": condition, **first_state()}
    reply = _JOBS.create(region, request, **fields)
    _JOBS.start(run_training_job, region, request["TrainingJobName"])
    return reply


def check_training_job(region: Region, request: Record) -> None:
    """Raise ValidationError unless the job can be started."""
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        raise ValidationError("AlgorithmSpecification.TrainingImage is missing.")
    if "ResourceConfig" not in request:
        raise ValidationError("ResourceConfig is missing.")
    check_cluster(request["ResourceConfig"], "a training job")
    count = request["ResourceConfig"]["InstanceCount"]
    check_network(region.settings, request, count, "CreateTrainingJob")
    _check_spot(request)
    if "CheckpointConfig" in request:
        checkpoint_path(request["CheckpointConfig"])
    if algorithm.get("ContainerArguments") and not algorithm.get("ContainerEntrypoint"):
        raise not_reproduced(
            "AlgorithmSpecification.ContainerArguments of CreateTrainingJob without a "
            "ContainerEntrypoint"
        )
    for definition in algorithm.get("MetricDefinitions", []):
        _check_metric(definition)
    for channel in request.get("InputDataConfig", []):
        check_channel(channel, algorithm)
    region.check_role(request["RoleArn"])
    check_launcher(find_image(algorithm["TrainingImage"]), request)


def _check_spot(request: Record) -> None:
    """Check the time limits of managed spot training; the local AWS never interrupts a job."""
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
        BoundedPattern(definition["Regex"])
    except InvalidPattern as error:
        raise ValidationError(
            f"The Regex of the metric {definition['Name']} is not a regular expression: {error}"
        ) from error


def stop_training_job(region: Region, name: str) -> Record:
    """Ask a job in progress to end."""
    return _JOBS.stop(region, name, SecondaryStatus="Stopping")


def _stop(region: Region, request: Record, model: OperationModel) -> Record:
    return stop_training_job(region, request["TrainingJobName"])


OPERATIONS = {
    "CreateTrainingJob": _create,
    "DescribeTrainingJob": _JOBS.describe,
    "ListTrainingJobs": _JOBS.list_page,
    "StopTrainingJob": _stop,
    "DeleteTrainingJob": _JOBS.delete_job,
}
