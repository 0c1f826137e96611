"""CreateProcessingJob, DescribeProcessingJob, ListProcessingJobs, StopProcessingJob, Delete..."""

import threading

from botocore.model import OperationModel

from local_aws.records import Record
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.jobs.run import MAX_RUNTIME, stop_in_background
from local_aws.sagemaker.operations.clusters import check_cluster, check_ended, check_network
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.processing.job import run_processing_job
from local_aws.sagemaker.processing.paths import check_command, check_paths
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.launchers import check_launcher

_JOBS = Resource("processing-job", "ProcessingJobName", lambda region: region.processing_jobs)


def create_processing_job(region: Region, request: Record, model: OperationModel) -> Record:
    """Record the job and start it in a thread."""
    specification = request["AppSpecification"]
    cluster = request["ProcessingResources"]["ClusterConfig"]
    check_cluster(cluster, "a processing job")
    network = request.get("NetworkConfig", {})
    check_network(region.settings, network, cluster["InstanceCount"], "CreateProcessingJob")
    check_launcher(find_image(specification["ImageUri"]), request)
    check_command(specification)
    check_paths(request)
    region.check_role(request["RoleArn"])
    condition = {"MaxRuntimeInSeconds": MAX_RUNTIME} | request.get("StoppingCondition", {})
    fields = {"ProcessingJobStatus": "InProgress", "StoppingCondition": condition}
    record = _JOBS.record(region, request, **fields)
    reply = _JOBS.add(region, record, request.get("Tags"))
    name = request["ProcessingJobName"]
    threading.Thread(
        target=run_processing_job, args=(region, name), name=f"processing-{name}", daemon=True
    ).start()
    return reply


def _stop(region: Region, request: Record, model: OperationModel) -> Record:
    """Stop a job in progress; its thread changes Stopping to Stopped."""
    name = request["ProcessingJobName"]
    with region.lock:
        _JOBS.mark_stopping(region, name)
        stop_in_background(region, region.arn("processing-job", name))
    return {}


def _delete(region: Region, request: Record, model: OperationModel) -> Record:
    """Delete a job that has ended; its outputs in S3 and its log remain."""
    with region.lock:
        check_ended(_JOBS.get(region, request), "ProcessingJob")
        return _JOBS.delete(region, request, model)


OPERATIONS = {
    "CreateProcessingJob": create_processing_job,
    "DescribeProcessingJob": _JOBS.describe,
    "ListProcessingJobs": _JOBS.list_page,
    "StopProcessingJob": _stop,
    "DeleteProcessingJob": _delete,
}
