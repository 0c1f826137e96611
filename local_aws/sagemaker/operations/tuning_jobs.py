"""Create, describe, list, stop, and delete hyperparameter tuning jobs; list their training jobs."""

from contextlib import suppress

from botocore.model import OperationModel

from local_aws.errors import ValidationError
from local_aws.records import Record, now
from local_aws.sagemaker.operations.resources import Resource, list_page, page, project
from local_aws.sagemaker.operations.training_jobs import (
    check_training_job,
    start_training_job,
    stop_training_job,
)
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.tuning.definitions import read_definition
from local_aws.sagemaker.tuning.engine import run_tuning_job
from local_aws.sagemaker.tuning.parents import ENDS, IDENTICAL, check_parents, parent_names
from local_aws.sagemaker.tuning.trials import (
    MAX_JOBS,
    best_of,
    counters,
    limits_of,
    not_improving,
    summaries,
    value_of,
)

_JOBS = Resource(
    "hyper-parameter-tuning-job", "HyperParameterTuningJobName", lambda region: region.tuning_jobs
)


class _TrainingJobs:
    """Starts and stops training jobs as CreateTrainingJob and StopTrainingJob do."""

    def start(self, region: Region, request: Record, tuning_job_arn: str) -> None:
        check_training_job(region, request)
        start_training_job(region, request, TuningJobArn=tuning_job_arn)

    def stop(self, region: Region, name: str) -> None:
        with suppress(ValidationError):  # it is not in progress anymore
            stop_training_job(region, name)


def _create_tuning_job(region: Region, request: Record, model: OperationModel) -> Record:
    name = request["HyperParameterTuningJobName"]
    definition = read_definition(request)
    limits = limits_of(request["HyperParameterTuningJobConfig"], definition)
    check_training_job(region, definition.job_request(name, {}))
    check_parents(region, request, definition)
    _check_total(region, request, limits.jobs)
    with region.lock:
        reply = _JOBS.create(region, request, HyperParameterTuningJobStatus="InProgress")
        region.trials[name] = []
    _JOBS.start(run_tuning_job, region, name, _TrainingJobs())
    return reply


def _check_total(region: Region, request: Record, jobs: int) -> None:
    earlier = sum(len(summaries(region, name)) for name in parent_names(request))
    limits = request["HyperParameterTuningJobConfig"]["ResourceLimits"]
    if earlier and "MaxNumberOfTrainingJobs" in limits and earlier + jobs > MAX_JOBS:
        raise ValidationError(
            f"The parents have {earlier} training jobs and the tuning job has {jobs}; the maximum "
            f"for all of them together is {MAX_JOBS}."
        )


def describe_tuning_job(region: Region, request: Record, model: OperationModel) -> Record:
    """Return a job as it was requested, and its progress."""
    record = _JOBS.get(region, request)
    return project(record | _progress(region, record), model.output_shape)


def _progress(region: Region, record: Record) -> Record:
    name = record["HyperParameterTuningJobName"]
    jobs = summaries(region, name)
    maximize = read_definition(record).objective.maximize
    end = record.get("HyperParameterTuningEndTime") or now()
    progress: Record = counters(jobs) | {
        "ConsumedResources": {
            "RuntimeInSeconds": round((end - record["CreationTime"]).total_seconds())
        },
        "TuningJobCompletionDetails": {
            "NumberOfTrainingJobsObjectiveNotImproving": not_improving(jobs, maximize)
        },
    }
    if best := best_of(jobs, maximize):
        progress["BestTrainingJob"] = best
    if record.get("WarmStartConfig", {}).get("WarmStartType") == IDENTICAL:
        all_jobs = [
            item | {"TuningJobName": tuning_job}
            for tuning_job in (name, *parent_names(record))
            for item in summaries(region, tuning_job)
        ]
        if best := best_of(all_jobs, maximize):
            progress["OverallBestTrainingJob"] = best
    return progress


def _list_tuning_jobs(region: Region, request: Record, model: OperationModel) -> Record:
    records = (job | job["HyperParameterTuningJobConfig"] for job in region.tuning_jobs)
    reply = list_page(request, records, model.output_shape, _JOBS.name_field)
    for item in reply["HyperParameterTuningJobSummaries"]:
        item.update(counters(summaries(region, item[_JOBS.name_field])))
    return reply


def list_training_jobs(region: Region, request: Record, model: OperationModel) -> Record:
    """Return one page of a tuning job's training jobs, sorted as requested."""
    name = _JOBS.get(region, request)["HyperParameterTuningJobName"]
    status = request.get("StatusEquals")
    key: str = request.get("SortBy", "Name")
    jobs = [job for job in summaries(region, name) if status in (None, job["TrainingJobStatus"])]
    if key == "FinalObjectiveMetricValue":
        jobs = [job for job in jobs if value_of(job) is not None]
        jobs.sort(key=lambda job: value_of(job) or 0.0)
    else:
        field = {"Name": "TrainingJobName", "Status": "TrainingJobStatus"}.get(key, key)
        jobs.sort(key=lambda job: job[field])
    if request.get("SortOrder", "Ascending") == "Descending":
        jobs.reverse()
    return page(request, jobs, model.output_shape)


def delete_tuning_job(region: Region, request: Record, model: OperationModel) -> Record:
    """Delete a job that has ended; its training jobs and their output in S3 remain."""
    name = request["HyperParameterTuningJobName"]
    with region.lock:
        status = _JOBS.get(region, request)["HyperParameterTuningJobStatus"]
        if status not in ENDS:
            raise ValidationError(
                f"The tuning job {name} is {status}. Stop it first and wait until it has ended."
            )
        region.trials.pop(name)
        return _JOBS.delete(region, request, model)


OPERATIONS = {
    "CreateHyperParameterTuningJob": _create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": _list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs,
    "StopHyperParameterTuningJob": _JOBS.stop_job,
    "DeleteHyperParameterTuningJob": delete_tuning_job,
}
