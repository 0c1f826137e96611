"""What SageMaker keeps of a region from one run of the local AWS to the next."""

from typing import Any

from local_aws.errors import ServiceError
from local_aws.records import Record
from local_aws.sagemaker.hosting import deployment
from local_aws.sagemaker.hosting.rollout import Rollout
from local_aws.sagemaker.operations.endpoints import start
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.progress import Progress

STOPPED = "InternalServerError: The local AWS was stopped while this job was in progress."
_TABLES = (
    *("training_jobs", "transform_jobs", "processing_jobs", "tuning_jobs", "models", "endpoints"),
    *("model_package_groups", "model_packages", "endpoint_configs"),
)
_RUNNING = ("InProgress", "Stopping")


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
