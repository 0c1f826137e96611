"""The states of a training job, as DescribeTrainingJob shows them."""

from typing import Any

from local_aws.records import Record, now
from local_aws.sagemaker.region import Region

_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


class Stopped(Exception):
    """The job was stopped; the argument is its final secondary status."""


def first_state() -> Record:
    """Return the state of a new job, and its time."""
    first = _transition("Starting")
    return {
        "CreationTime": first["StartTime"],
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [first],
    }


def _transition(status: str, warning: str = "") -> Record:
    message = f"{_MESSAGES[status]}. {warning}" if warning else _MESSAGES[status]
    return {"Status": status, "StartTime": now(), "StatusMessage": message}


class Progress:
    """The status of a recorded job, and the times of its changes."""

    def __init__(self, region: Region, name: str) -> None:
        self._region, self._name = region, name
        self._started = now()

    def enter(self, status: str) -> None:
        """Move to a secondary status, unless the job is being stopped."""
        if self._region.is_stopping("Training", self._name):
            raise Stopped("Stopped")
        self.record(status)
        self._region.training_jobs.update(self._name, SecondaryStatus=status)

    def record(self, status: str, warning: str = "") -> None:
        """Add a secondary status to the list of transitions, with a warning in its message."""
        jobs = self._region.training_jobs
        transitions = jobs.get(self._name)["SecondaryStatusTransitions"]
        transitions[-1]["EndTime"] = now()
        jobs.update(
            self._name, SecondaryStatusTransitions=[*transitions, _transition(status, warning)]
        )

    def start_training(self) -> None:
        """Start the billable time."""
        self.enter("Training")
        self._started = now()
        self._region.training_jobs.update(self._name, TrainingStartTime=self._started)

    def finish(self, status: str, secondary: str, **fields: Any) -> None:
        """Record how the job ended, and its times; one that completes while stopping is Stopped."""
        with self._region.lock:
            if status == "Completed" and self._region.is_stopping("Training", self._name):
                status = secondary = "Stopped"
            self.record(secondary)
            end = now()
            seconds = max(1, round((end - self._started).total_seconds()))
            self._region.training_jobs.update(
                self._name,
                TrainingJobStatus=status,
                SecondaryStatus=secondary,
                TrainingEndTime=end,
                TrainingTimeInSeconds=seconds,
                # Per instance. Spot training saves nothing on a computer.
                BillableTimeInSeconds=seconds,
                **fields,
            )
