"""Processing and transform jobs, and what training jobs have in common with them."""

from botocore.model import OperationModel

from local_aws.errors import ValidationError, not_reproduced
from local_aws.processes import isolation_is_possible
from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.hosting.specs import check_processor
from local_aws.sagemaker.jobs.run import MAX_RUNTIME
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.processing.job import check_command, check_paths, run_processing_job
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.launchers import check_launcher
from local_aws.sagemaker.transforming.job import TransformJob
from local_aws.sagemaker.transforming.plan import read_plan
from local_aws.settings import Settings

MOST_INSTANCES = 10
_PROCESSING_JOBS = Resource(
    "processing-job", "ProcessingJobName", lambda region: region.processing_jobs
)
_TRANSFORM_JOBS = Resource(
    "transform-job", "TransformJobName", lambda region: region.transform_jobs
)


def check_cluster(resources: Record, noun: str) -> None:
    """Raise ValidationError unless this computer can stand in for the instances of a job."""
    count = resources.get("InstanceCount", 0)
    if count < 1:
        raise ValidationError("InstanceCount is missing or 0. It must be at least 1.")
    check_processor(resources.get("InstanceType", ""), noun)
    if count > MOST_INSTANCES:
        raise not_reproduced(
            f"{noun} on {count} instances (all run on this computer; the maximum is "
            f"{MOST_INSTANCES})"
        )


def check_network(settings: Settings, request: Record, count: int, operation: str) -> None:
    """Raise ValidationError unless the network of a job on some instances is as requested.

    The instances of a cluster are on the one loopback interface of the computer. There, they cannot
    be kept from all networks but reach each other, as on AWS, and nothing encrypts what they send.
    """
    if request.get("EnableInterContainerTrafficEncryption") and count > 1:
        raise not_reproduced(
            f"EnableInterContainerTrafficEncryption of {operation} on several instances"
        )
    if not request.get("EnableNetworkIsolation"):
        return
    feature = f"EnableNetworkIsolation of {operation}"
    if count > 1:
        raise not_reproduced(f"{feature} on several instances")
    if not isolation_is_possible(settings):
        raise not_reproduced(
            f"{feature} on this computer, which has no network namespaces for it, or with "
            "--no-namespaces"
        )


def _create_processing_job(region: Region, request: Record, model: OperationModel) -> Record:
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
    reply = _PROCESSING_JOBS.create(region, request, **fields)
    _PROCESSING_JOBS.start(run_processing_job, region, request["ProcessingJobName"])
    return reply


def _create_transform_job(region: Region, request: Record, model: OperationModel) -> Record:
    check_cluster(request["TransformResources"], "a transform job")
    read_plan(request)
    job = TransformJob(region, request)  # this may fail, so it comes before the job is stored
    role = region.models.get(request["ModelName"]).get("ExecutionRoleArn", "")
    uri = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    objects.check_objects(region.client("s3"), uri, role)
    name = request["TransformJobName"]
    with region.lock:
        reply = _TRANSFORM_JOBS.create(region, request, TransformJobStatus="InProgress")
        region.transforms[name] = job
    _TRANSFORM_JOBS.start(lambda *_: job.run(), region, name)
    return reply


def _stop_transform_job(region: Region, request: Record, model: OperationModel) -> Record:
    name = request["TransformJobName"]
    with region.lock:
        _TRANSFORM_JOBS.stop(region, name)
        region.transforms[name].stop()
    return {}


OPERATIONS = {
    "CreateProcessingJob": _create_processing_job,
    "DescribeProcessingJob": _PROCESSING_JOBS.describe,
    "ListProcessingJobs": _PROCESSING_JOBS.list_page,
    "StopProcessingJob": _PROCESSING_JOBS.stop_job,
    "DeleteProcessingJob": _PROCESSING_JOBS.delete_job,
    "CreateTransformJob": _create_transform_job,
    "DescribeTransformJob": _TRANSFORM_JOBS.describe,
    "ListTransformJobs": _TRANSFORM_JOBS.list_page,
    "StopTransformJob": _stop_transform_job,
}
