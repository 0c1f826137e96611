"""The states of a training job, as DescribeTrainingJob shows them."""

from typing import Any

from local_aws.records import Record, now
from local_aws.region import Region

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
    """The job was stopped; the argument is its last secondary status."""


def first_state() -> Record:
    """Return what a job shows from its creation on."""
    return {
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [_transition("Starting")],
    }


def _transition(status: str) -> Record:
    return {"Status": status, "StartTime": now(), "StatusMessage": _MESSAGES[status]}


class Progress:
    """Where a recorded job stands, and when it came there."""

    def __init__(self, region: Region, name: str) -> None:
        self._region, self._name = region, name
        self._started = now()

    @property
    def stopping(self) -> bool:
        """Tell whether somebody asked the job to stop."""
        status = self._region.training_jobs.get(self._name)["TrainingJobStatus"]
        return bool(status == "Stopping")

    def enter(self, status: str) -> None:
        """Move to a secondary status, unless the job is being stopped."""
        if self.stopping:
            raise Stopped("Stopped")
        self.record(status)
        self._region.training_jobs.update(self._name, SecondaryStatus=status)

    def record(self, status: str) -> None:
        """Add a secondary status to the list of those that the job went through."""
        jobs = self._region.training_jobs
        passed = jobs.get(self._name)["SecondaryStatusTransitions"]
        passed[-1]["EndTime"] = now()
        jobs.update(self._name, SecondaryStatusTransitions=[*passed, _transition(status)])

    def start_training(self) -> None:
        """Enter the time that is paid for."""
        self.enter("Training")
        self._started = now()
        self._region.training_jobs.update(self._name, TrainingStartTime=self._started)

    def finish(self, status: str, secondary: str, **fields: Any) -> None:
        """Record how the job ended, and its times; a stop that came too late is still obeyed."""
        with self._region.lock:
            if status == "Completed" and self.stopping:
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
                # Of one instance. Nothing is bid for a laptop, so spot training saves nothing.
                BillableTimeInSeconds=seconds,
                **fields,
            )
