"""The training jobs of a tuning job: their objective values, summaries, counts, and the best."""

import math
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from local_aws.records import Record
from local_aws.region import Region
from local_aws.sagemaker.tuning.definitions import Definition
from local_aws.sagemaker.tuning.ranges import Candidate

RUNNING = ("InProgress", "Stopping")
_BETTER = 0.01  # by how much, as a part of it, a best value must be surpassed to count as improved
_COPIED = ("TrainingStartTime", "TrainingEndTime", "FailureReason")


class Trial:
    """A training job of a tuning job: what it was given, and its objective as it is logged."""

    def __init__(self, name: str, definition: Definition, candidate: Candidate) -> None:
        self.name, self.definition, self.candidate = name, definition, candidate
        self.ended: Record | None = None  # its summary, which changes no more
        self._values: list[float] = []
        self._lock = threading.Lock()

    def watch(self, metric: str, value: float) -> None:
        """Take down a metric that the job logged, if it is the objective."""
        if metric == self.definition.objective.metric and math.isfinite(value):
            with self._lock:
                self._values.append(value)

    @property
    def values(self) -> list[float]:
        """The values of the objective so far, one an epoch, oldest first."""
        with self._lock:
            return list(self._values)


def summaries(region: Region, name: str) -> list[Record]:
    """Return the summary of every training job of a tuning job, oldest first."""
    with region.lock:
        trials: list[Trial] = list(region.trials.get(name, []))
    return [_summary(region, trial) for trial in trials if trial.name in region.training_jobs]


def _summary(region: Region, trial: Trial) -> Record:
    if trial.ended is not None:
        return dict(trial.ended)
    job = region.training_jobs.get(trial.name)
    status, objective = job["TrainingJobStatus"], trial.definition.objective
    found = {
        "TrainingJobName": trial.name,
        "TrainingJobArn": job["TrainingJobArn"],
        "CreationTime": job["CreationTime"],
        **{field: job[field] for field in _COPIED if field in job},
        "TrainingJobStatus": status,
        "TunedHyperParameters": trial.candidate,
        "ObjectiveStatus": "Pending" if status in RUNNING else "Failed",
    }
    several = {}
    if trial.definition.name is not None:
        found["TrainingJobDefinitionName"] = trial.definition.name
        several["Type"] = "Maximize" if objective.maximize else "Minimize"
    values = trial.values
    if values and status in ("Completed", "Stopped"):
        found["ObjectiveStatus"] = "Succeeded"
        found["FinalHyperParameterTuningJobObjectiveMetric"] = {
            **several,
            "MetricName": objective.metric,
            "Value": values[-1],
        }
    if status not in RUNNING:
        trial.ended = dict(found)
    return found


def value_of(summary: Record) -> float | None:
    """Return the final value of a training job's objective, or None without one."""
    final = summary.get("FinalHyperParameterTuningJobObjectiveMetric")
    return None if final is None else final["Value"]


def best_of(found: Sequence[Record], maximize: bool) -> Record | None:
    """Return the summary of the best training job that completed, the first of equals."""
    ranked = [item for item in found if value_of(item) is not None]
    ranked = [item for item in ranked if item["TrainingJobStatus"] == "Completed"]
    if not ranked:
        return None
    return (max if maximize else min)(ranked, key=lambda item: value_of(item) or 0.0)


def counters(found: Sequence[Record]) -> dict[str, Any]:
    """Return how many training jobs there are of each status, and of each status of objective."""
    states = [_counted(item) for item in found]
    objectives = [item["ObjectiveStatus"] for item in found]
    kinds = ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped")
    return {
        "TrainingJobStatusCounters": {kind: states.count(kind) for kind in kinds},
        "ObjectiveStatusCounters": {
            kind: objectives.count(kind) for kind in ("Succeeded", "Pending", "Failed")
        },
    }


def _end_of(item: Record) -> datetime:
    end: datetime = item["TrainingEndTime" if "TrainingEndTime" in item else "CreationTime"]
    return end


def _counted(item: Record) -> str:
    status: str = item["TrainingJobStatus"]
    if status in RUNNING:
        return "InProgress"
    if status != "Failed":
        return status
    ours = item.get("FailureReason", "").startswith("InternalServerError")
    return "RetryableError" if ours else "NonRetryableError"


def not_improving(found: Sequence[Record], maximize: bool) -> int:
    """Return how many training jobs in a row, to the last that ended, improved nothing by 1 %."""
    ended = [item for item in found if item["TrainingJobStatus"] not in RUNNING]
    best, count = None, 0
    for item in sorted(ended, key=_end_of):
        value = value_of(item)
        gain = 0.0 if value is None or best is None else value - best
        gain = gain if maximize else -gain
        if value is not None and (best is None or gain > _BETTER * abs(best)):
            best, count = value, 0
        else:
            count += 1
    return count
