"""When a tuning job is over: its limits, its criteria of completion, and when it has failed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from local_aws.errors import ResourceLimitExceeded, ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.tuning.definitions import Definition
from local_aws.sagemaker.tuning.ranges import check_categorical, combinations
from local_aws.sagemaker.tuning.trials import RUNNING, best_of, not_improving, value_of

MOST_JOBS = 750  # of a tuning job and its parents together
MOST_AT_ONCE = 10  # training jobs' instances: all are this laptop
_ATTEMPTS = 5  # training jobs without a success after which AWS gives up


@dataclass(frozen=True)
class Limits:
    """How many training jobs there are in all and at once, how long, and what is good enough."""

    jobs: int
    at_once: int
    seconds: float
    maximize: bool
    target: float | None = None
    not_improving: float = math.inf

    def is_met(self, found: Sequence[Record]) -> bool:
        """Tell whether the objective is good enough, or did not improve for long enough."""
        return self._is_good_enough(found) or (
            not_improving(found, self.maximize) >= self.not_improving
        )

    def _is_good_enough(self, found: Sequence[Record]) -> bool:
        best = best_of(found, self.maximize)
        value = None if best is None else value_of(best)
        if value is None or self.target is None:
            return False
        return value >= self.target if self.maximize else value <= self.target


def limits_of(config: Record, definitions: Sequence[Definition]) -> Limits:
    """Return the limits of a request; raise ServiceError for some that cannot be kept."""
    asked = config["ResourceLimits"]
    at_once, most = asked["MaxParallelTrainingJobs"], asked.get("MaxNumberOfTrainingJobs")
    instances = max(_instances(definition) for definition in definitions)
    if at_once * instances > MOST_AT_ONCE:
        raise not_reproduced(
            f"a tuning job of {at_once} training jobs at once on {instances} instance(s) each (all "
            f"are this laptop; at most {MOST_AT_ONCE} together)"
        )
    if config["Strategy"] == "Grid":
        most = _grid_jobs(definitions, most)
    elif most is not None:
        _check_combinations(definitions, most)
    if most is not None and most > MOST_JOBS:
        raise ResourceLimitExceeded(
            f"The tuning job has {most} training jobs; the limit of a tuning job is {MOST_JOBS}."
        )
    criteria = config.get("TuningJobCompletionCriteria", {})
    improving = criteria.get("BestObjectiveNotImproving", {})
    return Limits(
        MOST_JOBS if most is None else most,
        at_once,
        asked.get("MaxRuntimeInSeconds", math.inf),
        definitions[0].objective.maximize,
        criteria.get("TargetObjectiveMetricValue"),
        improving.get("MaxNumberOfTrainingJobsNotImproving", math.inf),
    )


def _instances(definition: Definition) -> int:
    count: int = definition.request.get("ResourceConfig", {}).get("InstanceCount", 1)
    return count


def _grid_jobs(definitions: Sequence[Definition], most: int | None) -> int:
    for definition in definitions:
        check_categorical(definition.space)
    count = int(sum(combinations(definition.space) for definition in definitions))
    if most not in (None, count):
        raise ValidationError(
            f"MaxNumberOfTrainingJobs is {most}, and the grid has {count} combinations of "
            "hyperparameters. Leave it out, or give that number."
        )
    return count


def _check_combinations(definitions: Sequence[Definition], most: int) -> None:
    count = sum(combinations(definition.space) for definition in definitions)
    if count < most:
        raise ValidationError(
            "You don't have enough combinations of hyperparameter ranges. The total number of "
            f"hyperparameter combinations for the provided ranges [{count:.1f}] must be equal or "
            f"greater than the value of MaxNumberOfJobs, [{most}]. Provide additional ranges."
        )


def failure_reason(found: Sequence[Record], at_the_end: bool = False) -> str:
    """Return why a tuning job has failed, "" while it has not.

    It has after five training jobs, or at its end, if none of those had an objective.
    """
    ended = [item for item in found if item["TrainingJobStatus"] not in RUNNING]
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
