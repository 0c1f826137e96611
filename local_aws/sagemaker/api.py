"""SageMaker: the control plane and the runtime that invokes endpoints."""

from typing import Any

from werkzeug.wrappers import Request, Response

from local_aws.errors import ServiceError
from local_aws.records import Record
from local_aws.sagemaker import control, runtime
from local_aws.sagemaker.hosting import deployment
from local_aws.sagemaker.hosting.shifting import Rollout
from local_aws.sagemaker.operations.endpoints import start
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.job import Progress

new_region = Region
JOB_LOGS = tuple(f"/aws/sagemaker/{kind}Jobs" for kind in ("Training", "Processing", "Transform"))
STOPPED = "InternalServerError: The local AWS was stopped while this job was in progress."
_TABLES = (
    *("training_jobs", "transform_jobs", "processing_jobs", "tuning_jobs", "models", "endpoints"),
    *("model_package_groups", "model_packages", "endpoint_configs"),
)
_RUNNING = ("InProgress", "Stopping")


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for SageMaker or for one of its endpoints."""
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith(control.TARGET):
        return True
    # A bucket may have the name "endpoints".
    return signed_for != "s3" and runtime.PATH.fullmatch(environ.get("PATH_INFO", "")) is not None


def stop(region: Region) -> None:
    """End the endpoints and transform jobs of a region, whose processes have ended."""
    for traffic in list(region.traffic.values()):
        for fleet in (traffic.fleet, traffic.incoming):
            if fleet is not None:
                fleet.stop_now()
    for transform in list(region.transforms.values()):
        transform.stop()


def answer(request: Request, region: Region) -> Response:
    """Run an operation of the control plane, or invoke an endpoint."""
    if request.headers.get("X-Amz-Target", "").startswith(control.TARGET):
        return control.answer(request, region)
    return runtime.answer(request, region)


def saved(region: Region) -> dict[str, Any]:
    """Return the records, tags, and trials of a region."""
    with region.lock:
        tables = {name: getattr(region, name).content() for name in _TABLES}
        return {"tables": tables, "tags": dict(region.tags), "trials": dict(region.trials)}


def restore(region: Region, saved: dict[str, Any]) -> None:
    """Store the records of a region, fail the jobs that were running, and start the endpoints."""
    region.tags.update(saved["tags"])
    region.trials.update(saved["trials"])
    for name, records in saved["tables"].items():
        for key, record in records.items():
            getattr(region, name).add(key, record)
    for kind, table in region.jobs.items():
        for record in table:
            name = record[f"{kind}JobName"]
            if record[f"{kind}JobStatus"] not in _RUNNING:
                continue
            if kind != "Training":
                region.end_job(kind, name, "Failed", FailureReason=STOPPED)
            elif region.is_stopping(kind, name):
                Progress(region, name).finish("Stopped", "Stopped")
            else:
                Progress(region, name).finish("Failed", "Failed", FailureReason=STOPPED)
    for endpoint in region.endpoints:
        _start(region, endpoint)


def _start(region: Region, endpoint: Record) -> None:
    """Start the containers of an endpoint again, with the configuration that it had."""
    name, status = endpoint["EndpointName"], endpoint["EndpointStatus"]
    if status == "Deleting":
        deployment.delete(region, name)
    elif status != "Failed":
        try:
            config = region.endpoint_configs.get(endpoint["EndpointConfigName"])
        except ServiceError as error:
            region.endpoints.update(name, EndpointStatus="Failed", FailureReason=error.message)
            return
        config = deployment.retain_variants(config, endpoint)
        region.endpoints.update(name, EndpointStatus="Creating", PendingDeploymentSummary=None)
        rollout = Rollout(config=endpoint.get("LastDeploymentConfig"))
        start(deployment.deploy, region, name, config, "Failed", rollout)
