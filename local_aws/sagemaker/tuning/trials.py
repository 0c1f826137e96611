"""The training jobs of a tuning job: their objectives, summaries, and counts, and their limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.errors import ResourceLimitExceeded
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.tuning.definitions import Definition
from local_aws.sagemaker.tuning.ranges import Candidate, check_categorical, combinations

RUNNING = ("InProgress", "Stopping")
_MIN_IMPROVEMENT = 0.01  # of the best value, relative to it
_COPIED = ("TrainingStartTime", "TrainingEndTime", "FailureReason")
MAX_JOBS = 750  # of a tuning job and its parents together
MAX_INSTANCES = 10  # of concurrent training jobs, which all run on this computer
_ATTEMPTS = 5  # training jobs without a success before the tuning job fails


@dataclass
class Trial:
    """A training job of a tuning job, and the objective values that it logs, one per epoch."""

    name: str
    definition: Definition
    candidate: Candidate
    values: list[float] = field(default_factory=list)
    final: Record | None = None  # its final summary

    def watch(self, metric: str, value: float) -> None:
        """Store a value that the job has logged, if it is of the objective."""
        if metric == self.definition.objective.metric:
            self.values.append(value)


def summaries(region: Region, name: str) -> list[Record]:
    """Return the summary of every training job of a tuning job, oldest first; omit deleted ones."""
    with region.lock:  # none is deleted meanwhile
        trials: list[Trial] = region.trials.get(name, [])
        return [_summary(region, trial) for trial in trials if trial.name in region.training_jobs]


def _summary(region: Region, trial: Trial) -> Record:
    if trial.final is not None:
        return dict(trial.final)
    job = region.training_jobs.get(trial.name)
    status = job["TrainingJobStatus"]
    summary = {
        "TrainingJobName": trial.name,
        "TrainingJobArn": job["TrainingJobArn"],
        "CreationTime": job["CreationTime"],
        **{field: job[field] for field in _COPIED if field in job},
        "TrainingJobStatus": status,
        "TunedHyperParameters": trial.candidate,
        "ObjectiveStatus": "Pending" if status in RUNNING else "Failed",
    }
    values = trial.values
    if values and status in ("Completed", "Stopped"):
        summary["ObjectiveStatus"] = "Succeeded"
        metric = {"MetricName": trial.definition.objective.metric, "Value": values[-1]}
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = metric
    if status not in RUNNING:
        trial.final = dict(summary)
    return summary


def running_names(trials: Sequence[Record]) -> list[str]:
    """Return the names of the training jobs that are running."""
    return [item["TrainingJobName"] for item in trials if item["TrainingJobStatus"] in RUNNING]


def value_of(summary: Record) -> float | None:
    """Return the final value of a training job's objective, or None."""
    final = summary.get("FinalHyperParameterTuningJobObjectiveMetric")
    return None if final is None else final["Value"]


def best_of(trials: Sequence[Record], maximize: bool) -> Record | None:
    """Return the summary of the best training job that completed, or the first of several."""
    completed = [item for item in trials if item["TrainingJobStatus"] == "Completed"]
    ranked = [item for item in completed if value_of(item) is not None]
    select = max if maximize else min
    return select(ranked, key=lambda item: value_of(item) or 0.0, default=None)


def counters(trials: Sequence[Record]) -> dict[str, Any]:
    """Return the numbers of training jobs by their status, and by that of their objective."""
    states = [_counter(item) for item in trials]
    objectives = [item["ObjectiveStatus"] for item in trials]
    kinds = ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped")
    return {
        "TrainingJobStatusCounters": {kind: states.count(kind) for kind in kinds},
        "ObjectiveStatusCounters": {
            kind: objectives.count(kind) for kind in ("Succeeded", "Pending", "Failed")
        },
    }


def _end_time(item: Record) -> Any:
    return item["TrainingEndTime" if "TrainingEndTime" in item else "CreationTime"]


def _counter(item: Record) -> str:
    status: str = item["TrainingJobStatus"]
    if status in RUNNING:
        return "InProgress"
    if status != "Failed":
        return status
    internal = item.get("FailureReason", "").startswith("InternalServerError")
    return "RetryableError" if internal else "NonRetryableError"


def not_improving(trials: Sequence[Record], maximize: bool) -> int:
    """Return the number of ended training jobs since the last one that improved the best by 1%."""
    ended = [item for item in trials if item["TrainingJobStatus"] not in RUNNING]
    best, count = None, 0
    for item in sorted(ended, key=_end_time):
        value = value_of(item)
        gain = 0.0 if value is None or best is None else value - best
        gain = gain if maximize else -gain
        if value is not None and (best is None or gain > _MIN_IMPROVEMENT * abs(best)):
            best, count = value, 0
        else:
            count += 1
    return count


@dataclass(frozen=True)
class Limits:
    """The limits of the training jobs in total and at once, of the time, and of the objective."""

    jobs: int
    at_once: int
    seconds: float
    maximize: bool
    target: float | None = None
    not_improving: float = math.inf

    def is_met(self, trials: Sequence[Record]) -> bool:
        """Return whether the objective has reached its target, or has stopped improving."""
        if not_improving(trials, self.maximize) >= self.not_improving:
            return True
        best = best_of(trials, self.maximize)
        value = None if best is None else value_of(best)
        if value is None or self.target is None:
            return False
        return value >= self.target if self.maximize else value <= self.target


def limits_of(config: Record, definition: Definition) -> Limits:
    """Return the limits of a request; raise ServiceError for impossible ones."""
    limits = config["ResourceLimits"]
    at_once, jobs = limits["MaxParallelTrainingJobs"], limits.get("MaxNumberOfTrainingJobs")
    instances = definition.request.get("ResourceConfig", {}).get("InstanceCount", 1)
    if at_once * instances > MAX_INSTANCES:
        raise not_reproduced(
            f"a tuning job of {at_once} training jobs at once on {instances} instance(s) each "
            f"(which all run on this computer; the maximum is {MAX_INSTANCES} in total)"
        )
    jobs = _job_count(config["Strategy"], definition, jobs)
    if jobs is not None and jobs > MAX_JOBS:
        raise ResourceLimitExceeded(
            f"The tuning job has {jobs} training jobs; the limit of a tuning job is {MAX_JOBS}."
        )
    criteria = config.get("TuningJobCompletionCriteria", {})
    improving = criteria.get("BestObjectiveNotImproving", {})
    return Limits(
        MAX_JOBS if jobs is None else jobs,
        at_once,
        limits.get("MaxRuntimeInSeconds", math.inf),
        definition.objective.maximize,
        criteria.get("TargetObjectiveMetricValue"),
        improving.get("MaxNumberOfTrainingJobsNotImproving", math.inf),
    )


def _job_count(strategy: str, definition: Definition, jobs: int | None) -> int | None:
    count = combinations(definition.space)
    if strategy == "Grid":
        check_categorical(definition.space)
        if jobs not in (None, count):
            raise ValidationError(
                f"MaxNumberOfTrainingJobs is {jobs}, and the grid has {count:.0f} combinations of "
                "hyperparameters. Omit it, or set it to that number."
            )
        return int(count)
    if jobs is not None and count < jobs:
        raise ValidationError(
            "You don't have enough combinations of hyperparameter ranges. The total number of "
            f"hyperparameter combinations for the provided ranges [{count:.1f}] must be equal or "
            f"greater than the value of MaxNumberOfJobs, [{jobs}]. Provide additional ranges."
        )
    return jobs


def failure_reason(trials: Sequence[Record], at_the_end: bool = False) -> str:
    """Return why a tuning job has failed, or "" if it has not.

    It fails if none of its first five training jobs, or of all at its end, has an objective.
    """
    ended = [item for item in trials if item["TrainingJobStatus"] not in RUNNING]
    if any(value_of(item) is not None for item in ended):
        return ""
    if not ended or (len(ended) < _ATTEMPTS and not at_the_end):
        return ""
    if any(item["TrainingJobStatus"] == "Completed" for item in ended):
        return (
            f"No objective metrics found after running {len(ended)} training jobs. Please ensure "
            "that the custom algorithm is emitting the objective metric as defined by the regular "
            "expression provided."
        )
    return (
        f"No training job succeeded after {len(ended)} attempts. For additional details, please "
        "take a look at the training job failures by listing training jobs for the hyperparameter "
        "tuning job."
    )
