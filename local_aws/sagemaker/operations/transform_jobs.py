"""CreateTransformJob, DescribeTransformJob, ListTransformJobs, StopTransformJob."""

import threading

from botocore.model import OperationModel

from local_aws.records import Record
from local_aws.sagemaker.operations.clusters import check_cluster
from local_aws.sagemaker.operations.resources import Resource
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.transforming.job import TransformJob
from local_aws.sagemaker.transforming.plan import read_plan

_JOBS = Resource("transform-job", "TransformJobName", lambda region: region.transform_jobs)


def create_transform_job(region: Region, request: Record, model: OperationModel) -> Record:
    """Record the job and start it in a thread."""
    _check(region, request)
    name = request["TransformJobName"]
    record = _JOBS.record(region, request, TransformJobStatus="InProgress")
    job = TransformJob(region, record)  # this may fail, so it comes before the job is stored
    with region.lock:
        reply = _JOBS.add(region, record, request.get("Tags"))
        region.transforms[name] = job
    threading.Thread(target=job.run, name=f"transform-{name}", daemon=True).start()
    return reply


def _check(region: Region, request: Record) -> None:
    region.models.get(request["ModelName"])
    check_cluster(request["TransformResources"], "a transform job")
    read_plan(request)


def stop_transform_job(region: Region, request: Record, model: OperationModel) -> Record:
    """Stop a job in progress; its thread changes Stopping to Stopped."""
    name = request["TransformJobName"]
    with region.lock:
        _JOBS.mark_stopping(region, name)
        region.transforms[name].stop()
    return {}


OPERATIONS = {
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": _JOBS.describe,
    "ListTransformJobs": _JOBS.list_page,
    "StopTransformJob": stop_transform_job,
}
