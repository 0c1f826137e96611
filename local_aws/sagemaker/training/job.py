"""Run a training job from its record to its artifacts, in processes under AWS's launchers.

The steps and states are SageMaker's: Starting, Downloading, Training, Uploading, Completed. Each
instance is a process with its own folder; the first one that fails ends the job.
"""

import filecmp
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from local_aws.records import Record, now
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers import archives
from local_aws.sagemaker.containers.archives import VOLUME_GB, check_bundle
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.sagemaker.jobs.run import Job
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.instance import Instance, failure_reason
from local_aws.sagemaker.training.metrics import Curves, Metrics

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
_NO_MODEL = (
    "Warning: the folder /opt/ml/model is empty, so model.tar.gz has no files. Save the model "
    "in the folder that SM_MODEL_DIR names."
)


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


def run_training_job(region: Region, name: str) -> None:
    """Run a recorded job until it is Completed, Failed, or Stopped; never raise."""
    progress = Progress(region, name)
    try:
        with closing(_Job(region, name, progress)) as job:
            job.download()
            job.train()
            job.upload()
        progress.finish("Completed", "Completed")
    except Stopped as stopped:
        progress.finish("Stopped", stopped.args[0])
    except Exception as error:
        reason = failure_reason_of(error, f"The training job {name}")
        progress.finish("Failed", "Failed", FailureReason=reason)


class _Job(Job[Instance]):
    def __init__(self, region: Region, name: str, progress: Progress) -> None:
        config = region.training_jobs.get(name)["ResourceConfig"]
        super().__init__(region, "Training", name, Instance, config)
        self._progress = progress
        self._warning = ""
        self._curves = Curves(region.name, name)
        watcher = region.metric_watchers.get(name)
        self._metrics = Metrics(
            self._record["AlgorithmSpecification"].get("MetricDefinitions", []),
            lambda values: region.training_jobs.update(name, FinalMetricDataList=values),
            [self._curves.add, *([watcher] if watcher else [])],
        )

    def download(self) -> None:
        """Provide every instance with channels and configuration, and check the source bundle."""
        self._progress.enter("Downloading")
        for instance in self._machines:
            instance.download()
        submitted = self._record.get("HyperParameters", {}).get("sagemaker_submit_directory", "")
        volume = self._record["ResourceConfig"].get("VolumeSizeInGB") or VOLUME_GB
        uri = submitted.strip('"')
        check_bundle(self._region, uri, self._folder, volume)
        provided = self._machines[0].ml / uri.removeprefix("/opt/ml/")
        if uri.startswith("/opt/ml/") and uri.endswith(".tar.gz") and provided.is_file():
            archives.check(provided, uri, volume)  # the bundle of an isolated job is in a channel

    def train(self) -> None:
        """Run the launchers to their ends; raise JobFailure or Stopped unless all succeed."""
        self._progress.start_training()
        try:
            ending, failed = self.run_processes(self._metrics.read)
        finally:
            self._curves.store()
        if failed:
            failures = {one.host: (one.ml, one.code or 0) for one in failed}
            raise JobFailure(failure_reason(failures, several=len(self._machines) > 1))
        if not any(any((one.ml / "model").glob("*")) for one in self._machines):
            self._warning = _NO_MODEL
            self._machines[0].log(f"local AWS: {_NO_MODEL}")
        if ending:
            self.upload()  # the script had time to save its model
            raise Stopped(ending)
        for instance in self._machines:
            if instance.checkpoints and instance.checkpoints.failure:
                raise instance.checkpoints.failure

    def upload(self) -> None:
        """Pack the files of all instances in model and output/data, and upload the archives."""
        self._progress.record("Uploading", self._warning)
        s3 = self._region.client("s3")
        config = self._record["OutputDataConfig"]
        prefix = f"{config['S3OutputPath'].rstrip('/')}/{self._name}/output"
        for name, folder in {"model": "model", "output": "output/data"}.items():
            folders = {instance.host: instance.ml / folder for instance in self._machines}
            members = merge_folders(folders, f"/opt/ml/{folder}")
            if name == "output" and not members:
                continue
            archive = self._folder / f"{name}.tar.gz"
            archives.pack(members, archive)
            key = config["KmsKeyId"] or objects.DEFAULT_KEY
            objects.upload_object(s3, archive, f"{prefix}/{name}.tar.gz", key)
        artifacts = {"S3ModelArtifacts": f"{prefix}/model.tar.gz"}
        self._region.training_jobs.update(self._name, ModelArtifacts=artifacts)


def merge_folders(folders: Mapping[str, Path], name: str) -> dict[str, Path]:
    """Return every file and folder below the hosts' folders by relative path."""
    members: dict[str, Path] = {}
    owners: dict[str, str] = {}
    for host, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder).as_posix()
            if relative in members and not _same(members[relative], path):
                raise JobFailure(
                    f"ClientError: Artifact upload failed: {owners[relative]} and {host} both "
                    f"wrote {relative!r} into {name}, with different contents. All instances share "
                    "one archive: let one of them write the file, or name the files by host."
                )
            members.setdefault(relative, path)
            owners.setdefault(relative, host)
    return members


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths are both folders, or files with the same contents."""
    if one.is_file() and other.is_file():
        return filecmp.cmp(one, other, shallow=False)
    return one.is_dir() and other.is_dir()
