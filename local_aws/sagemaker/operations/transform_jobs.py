"""CreateTransformJob, DescribeTransformJob, ListTransformJobs, StopTransformJob."""

import threading
from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Table, now
from local_aws.region import Region
from local_aws.sagemaker.operations.reading import describe, listing
from local_aws.sagemaker.transforming.job import TransformJob
from local_aws.sagemaker.transforming.plan import read_plan

MOST_INSTANCES = 10


def create_transform_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record the job and start it in a thread of its own."""
    _check(region, request)
    name = request["TransformJobName"]
    arn = region.arn("transform-job", name)
    time = now()
    record = {key: value for key, value in request.items() if key != "Tags"} | {
        "TransformJobArn": arn,
        "TransformJobStatus": "InProgress",
        "CreationTime": time,
        "LastModifiedTime": time,
    }
    job = TransformJob(region, record)  # first: there may be nothing left to make it of
    with region.lock:
        region.transform_jobs.add(name, record)
        region.transforms[name] = job
    region.set_tags(arn, request.get("Tags"))
    threading.Thread(target=job.run, name=f"transform-{name}", daemon=True).start()
    return {"TransformJobArn": arn}


def _check(region: Region, request: dict[str, Any]) -> None:
    region.models.get(request["ModelName"])
    count = request["TransformResources"]["InstanceCount"]
    if count > MOST_INSTANCES:
        raise not_reproduced(
            f"a transform job on {count} instances (all are this laptop; at most {MOST_INSTANCES})"
        )
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    for uri in (source["S3Uri"], request["TransformOutput"]["S3OutputPath"]):
        if not uri.startswith("s3://"):
            raise not_reproduced(f"an address such as {uri!r} of CreateTransformJob: only s3:// is")
    read_plan(request)


def stop_transform_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Ask a running job to end; its thread turns Stopping into Stopped."""
    name = request["TransformJobName"]
    with region.lock:
        status = region.transform_jobs.get(name)["TransformJobStatus"]
        if status != "InProgress":
            raise ValidationError(
                f"The request was rejected because the transform job is in status {status}."
            )
        region.transform_jobs.update(name, TransformJobStatus="Stopping")
        region.transforms[name].stop()
    return {}


def _jobs(region: Region) -> Table:
    return region.transform_jobs


OPERATIONS = {
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": describe(_jobs, "TransformJobName"),
    "ListTransformJobs": listing(_jobs, "TransformJobName"),
    "StopTransformJob": stop_transform_job,
}
