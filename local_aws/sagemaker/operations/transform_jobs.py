"""CreateTransformJob, DescribeTransformJob, ListTransformJobs, StopTransformJob."""

from botocore.model import OperationModel

from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.operations.clusters import check_cluster
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.transforming.job import TransformJob
from local_aws.sagemaker.transforming.plan import read_plan

_JOBS = Resource("transform-job", "TransformJobName", lambda region: region.transform_jobs)


def _create(region: Region, request: Record, model: OperationModel) -> Record:
    check_cluster(request["TransformResources"], "a transform job")
    read_plan(request)
    job = TransformJob(region, request)  # this may fail, so it comes before the job is stored
    role = region.models.get(request["ModelName"]).get("ExecutionRoleArn", "")
    uri = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    objects.check_objects(region.client("s3"), uri, role)
    name = request["TransformJobName"]
    with region.lock:
        reply = _JOBS.create(region, request, TransformJobStatus="InProgress")
        region.transforms[name] = job
    _JOBS.start(lambda *_: job.run(), region, name)
    return reply


def _stop(region: Region, request: Record, model: OperationModel) -> Record:
    name = request["TransformJobName"]
    with region.lock:
        _JOBS.stop(region, name)
        region.transforms[name].stop()
    return {}


OPERATIONS = {
    "CreateTransformJob": _create,
    "DescribeTransformJob": _JOBS.describe,
    "ListTransformJobs": _JOBS.list_page,
    "StopTransformJob": _stop,
}
