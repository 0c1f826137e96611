"""Hyperparameter tuning jobs: create, describe, list, stop and delete, and their training jobs."""

import threading
from typing import Any

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record, Table, now
from local_aws.region import Region
from local_aws.sagemaker.operations.listing import page, project
from local_aws.sagemaker.operations.reading import listing
from local_aws.sagemaker.operations.training_jobs import (
    check_training_job,
    start_training_job,
    stop_if_running,
)
from local_aws.sagemaker.tuning.definitions import Definition, read_definitions
from local_aws.sagemaker.tuning.engine import run_tuning_job
from local_aws.sagemaker.tuning.limits import MOST_JOBS, limits_of
from local_aws.sagemaker.tuning.parents import ENDS, IDENTICAL, check_parents, parent_names
from local_aws.sagemaker.tuning.trials import best_of, counters, not_improving, summaries, value_of


class _Jobs:
    """Training jobs, started and stopped as CreateTrainingJob and StopTrainingJob do it."""

    def start(self, region: Region, request: Record, tuning_job_arn: str) -> None:
        check_training_job(region, request)
        start_training_job(region, request, TuningJobArn=tuning_job_arn)

    def stop(self, region: Region, name: str) -> None:
        stop_if_running(region, name)


def create_tuning_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Record the job and start it in a thread of its own."""
    name = request["HyperParameterTuningJobName"]
    definitions = read_definitions(request)
    limits = limits_of(request["HyperParameterTuningJobConfig"], definitions)
    for definition in definitions:
        check_training_job(region, _example(name, definition))
    check_parents(region, request, definitions)
    _check_total(region, request, limits.jobs)
    arn = region.arn("hyper-parameter-tuning-job", name)
    time = now()
    record = {key: value for key, value in request.items() if key != "Tags"}
    record |= {
        "HyperParameterTuningJobArn": arn,
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": time,
        "LastModifiedTime": time,
    }
    with region.lock:
        region.tuning_jobs.add(name, record)
        region.trials[name] = []
        region.set_tags(arn, request.get("Tags"))
    threading.Thread(
        target=run_tuning_job, args=(region, name, _Jobs()), name=f"tuning-{name}", daemon=True
    ).start()
    return {"HyperParameterTuningJobArn": arn}


def _example(name: str, definition: Definition) -> Record:
    """Return the request of a training job such as the tuning job will make, to check it by."""
    first = {dimension.name: dimension.first() for dimension in definition.space}
    return definition.job_request(name, first)


def _check_total(region: Region, request: Record, jobs: int) -> None:
    before = sum(len(summaries(region, name)) for name in parent_names(request))
    asked = request["HyperParameterTuningJobConfig"]["ResourceLimits"]
    if before and "MaxNumberOfTrainingJobs" in asked and before + jobs > MOST_JOBS:
        raise ValidationError(
            f"The parents have {before} training jobs and the tuning job {jobs}; together at most "
            f"{MOST_JOBS}."
        )


def describe_tuning_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer a job as it was requested, and what has come of it so far."""
    record = region.tuning_jobs.get(request["HyperParameterTuningJobName"])
    return project(record | _progress(region, record), model.output_shape)


def _progress(region: Region, record: Record) -> Record:
    name = record["HyperParameterTuningJobName"]
    found = summaries(region, name)
    maximize = read_definitions(record)[0].objective.maximize
    end = record.get("HyperParameterTuningEndTime") or now()
    progress: Record = counters(found) | {
        "ConsumedResources": {
            "RuntimeInSeconds": round((end - record["CreationTime"]).total_seconds())
        },
        "TuningJobCompletionDetails": {
            "NumberOfTrainingJobsObjectiveNotImproving": not_improving(found, maximize)
        },
    }
    if best := best_of(found, maximize):
        progress["BestTrainingJob"] = best
    if record.get("WarmStartConfig", {}).get("WarmStartType") == IDENTICAL:
        everybody = [
            item | {"TuningJobName": tuning_job}
            for tuning_job in (name, *parent_names(record))
            for item in summaries(region, tuning_job)
        ]
        if best := best_of(everybody, maximize):
            progress["OverallBestTrainingJob"] = best
    return progress


def list_tuning_jobs(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer one page of summaries."""
    answer = listing(_tuning_jobs, "HyperParameterTuningJobName")(region, request, model)
    for item in answer["HyperParameterTuningJobSummaries"]:
        name = item["HyperParameterTuningJobName"]
        config = region.tuning_jobs.get(name)["HyperParameterTuningJobConfig"]
        item["Strategy"], item["ResourceLimits"] = config["Strategy"], config["ResourceLimits"]
        item.update(counters(summaries(region, name)))
    return answer


def list_training_jobs(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Answer one page of a tuning job's training jobs, ranked by their objective if asked."""
    name = request["HyperParameterTuningJobName"]
    region.tuning_jobs.get(name)
    status, key = request.get("StatusEquals"), request.get("SortBy", "Name")
    found = [
        item for item in summaries(region, name) if status in (None, item["TrainingJobStatus"])
    ]
    if key == "FinalObjectiveMetricValue":
        found = [item for item in found if value_of(item) is not None]
        found.sort(key=lambda item: value_of(item) or 0.0)
    else:
        field = {"Name": "TrainingJobName", "Status": "TrainingJobStatus"}.get(key, key)
        found.sort(key=lambda item: item[field])
    if request.get("SortOrder", "Ascending") == "Descending":
        found.reverse()
    return page(request, found, model.output_shape)


def stop_tuning_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Ask a running job to end with its training jobs; its thread turns Stopping into Stopped."""
    name = request["HyperParameterTuningJobName"]
    with region.lock:
        status = region.tuning_jobs.get(name)["HyperParameterTuningJobStatus"]
        if status != "InProgress":
            raise ValidationError(
                f"The request was rejected because the tuning job is in status {status}."
            )
        region.tuning_jobs.update(name, HyperParameterTuningJobStatus="Stopping")
    return {}


def delete_tuning_job(
    region: Region, request: dict[str, Any], model: OperationModel
) -> dict[str, Any]:
    """Forget a job that ended; its training jobs and what they left in S3 stay."""
    name = request["HyperParameterTuningJobName"]
    with region.lock:
        status = region.tuning_jobs.get(name)["HyperParameterTuningJobStatus"]
        if status not in ENDS:
            raise ValidationError(
                f"The tuning job {name} is {status}. Stop it first, and wait for its end."
            )
        record = region.tuning_jobs.remove(name)
        region.trials.pop(name)
        region.drop_tags(record["HyperParameterTuningJobArn"])
    return {}


def _tuning_jobs(region: Region) -> Table:
    return region.tuning_jobs


OPERATIONS = {
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs,
    "StopHyperParameterTuningJob": stop_tuning_job,
    "DeleteHyperParameterTuningJob": delete_tuning_job,
}
