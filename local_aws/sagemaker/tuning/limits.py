"""The limits of a tuning job, its completion criteria, and the reasons for its failure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.errors import ResourceLimitExceeded
from local_aws.sagemaker.tuning.definitions import Definition
from local_aws.sagemaker.tuning.ranges import check_categorical, combinations
from local_aws.sagemaker.tuning.trials import RUNNING, best_of, not_improving, value_of

MAX_JOBS = 750  # of a tuning job and its parents together
MAX_INSTANCES = 10  # of concurrent training jobs, which all run on this computer
_ATTEMPTS = 5  # training jobs without a success before the tuning job fails


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
