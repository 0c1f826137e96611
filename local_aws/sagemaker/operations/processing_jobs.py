"""CreateProcessingJob, DescribeProcessingJob, ListProcessingJobs, StopProcessingJob, Delete..."""

from botocore.model import OperationModel

from local_aws.records import Record
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.jobs.run import MAX_RUNTIME
from local_aws.sagemaker.operations.clusters import check_cluster, check_network
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.processing.job import check_command, check_paths, run_processing_job
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.launchers import check_launcher

_JOBS = Resource("processing-job", "ProcessingJobName", lambda region: region.processing_jobs)


def _create(region: Region, request: Record, model: OperationModel) -> Record:
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
    reply = _JOBS.create(region, request, **fields)
    _JOBS.start(run_processing_job, region, request["ProcessingJobName"])
    return reply


OPERATIONS = {
    "CreateProcessingJob": _create,
    "DescribeProcessingJob": _JOBS.describe,
    "ListProcessingJobs": _JOBS.list_page,
    "StopProcessingJob": _JOBS.stop_job,
    "DeleteProcessingJob": _JOBS.delete_job,
}
