"""Tuning jobs with simulated training jobs and a simulated clock, for tests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local_aws.sagemaker.region import Region
from local_aws.sagemaker.tuning.engine import Clock, Tuning
from local_aws.sagemaker.tuning.trials import summaries
from local_aws.settings import Settings

METRIC = "score"
NAME = "tuning"
_START = datetime(2026, 1, 1, tzinfo=UTC)
Epochs = list[float] | None  # the objective of each epoch, or None for a training job that fails


def tuning_record(ranges: dict[str, Any], limits: dict[str, int], **config: Any) -> dict[str, Any]:
    """Return the record of a new tuning job."""
    return {
        "HyperParameterTuningJobName": NAME,
        "HyperParameterTuningJobArn": f"arn:{NAME}",
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": _START,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Grid",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": METRIC},
            "ResourceLimits": limits,
            "ParameterRanges": ranges,
            "RandomSeed": 1,
        }
        | config,
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"MetricDefinitions": [{"Name": METRIC, "Regex": "."}]},
            "StaticHyperParameters": {},
        },
    }


class World:
    """A region whose training jobs log their objective for one epoch at each pause, and end."""

    def __init__(self, folder: Path, epochs: Callable[[dict[str, str]], Epochs]) -> None:
        self.region = Region("us-east-1", Settings(folder))
        self.most_at_once = 0
        self.seconds = 0.0
        self.at_pause: Callable[[], None] = lambda: None
        self._epochs = epochs
        self._remaining: dict[str, Epochs] = {}

    def start(self, region: Region, request: dict[str, Any], tuning_job_arn: str) -> None:
        """Start a training job."""
        name = request["TrainingJobName"]
        self._remaining[name] = self._epochs(request["HyperParameters"])
        region.training_jobs.add(
            name,
            request
            | {
                "TrainingJobArn": f"arn:{name}",
                "TuningJobArn": tuning_job_arn,
                "TrainingJobStatus": "InProgress",
                "CreationTime": self._time(),
            },
        )
        self.most_at_once = max(self.most_at_once, len(self._remaining))

    def stop(self, region: Region, name: str) -> None:
        """Stop a training job immediately."""
        self._end(name, "Stopped")

    def pause(self, seconds: float) -> None:
        """Advance every training job by one epoch."""
        self.seconds += seconds
        for name, epochs in list(self._remaining.items()):
            if epochs is None:
                self._end(name, "Failed", FailureReason="AlgorithmError: it broke")
            elif not epochs:
                self._end(name, "Completed")
            else:
                self.region.metric_watchers[name](METRIC, epochs[0])
                self._remaining[name] = epochs[1:]
        self.at_pause()

    def _end(self, name: str, status: str, **fields: Any) -> None:
        if name in self._remaining:
            del self._remaining[name]
            self.region.training_jobs.update(
                name, TrainingJobStatus=status, TrainingEndTime=self._time(), **fields
            )

    def _time(self) -> datetime:
        return _START + timedelta(seconds=self.seconds)

    def add(self, record: dict[str, Any]) -> None:
        """Add the record of a tuning job to the region."""
        self.region.tuning_jobs.add(NAME, record)
        self.region.trials[NAME] = []
        self.region.set_tags(record["HyperParameterTuningJobArn"], None)

    def run(self, record: dict[str, Any]) -> dict[str, Any]:
        """Run a tuning job until it ends; return its record."""
        self.add(record)
        Tuning(self.region, NAME, self, Clock(lambda: self.seconds, self.pause)).run()
        return self.region.tuning_jobs.get(NAME)

    def trials(self) -> list[dict[str, Any]]:
        """Return the summaries of the training jobs."""
        return summaries(self.region, NAME)
