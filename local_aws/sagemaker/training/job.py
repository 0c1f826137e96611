"""Run a training job from its record to its artifacts, in processes under AWS's launchers.

The steps and states are SageMaker's: Starting, Downloading, Training, Uploading, Completed. Each
instance is a process with its own folder; the first one that fails ends the job.
"""

import shutil
import time
from contextlib import ExitStack, closing

from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers import archives
from local_aws.sagemaker.containers.archives import VOLUME_GB
from local_aws.sagemaker.containers.bundles import check_bundle
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.cluster import form_cluster
from local_aws.sagemaker.training.failure_file import failure_reason
from local_aws.sagemaker.training.instance import Instance, stop_together
from local_aws.sagemaker.training.metrics import Metrics
from local_aws.sagemaker.training.outputs import merge_folders
from local_aws.sagemaker.training.progress import Progress, Stopped

MAX_RUNTIME = 86400  # default in seconds
STOP_GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
_NO_MODEL = (
    "Warning: the folder /opt/ml/model is empty, so model.tar.gz has no files. Save the model "
    "in the folder that SM_MODEL_DIR names."
)
_LOOK_SECONDS = 0.1  # in which several instances are checked
_GATHER_SECONDS = 1.0  # in which other instances may fail because the first one did


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


class _Job:
    def __init__(self, region: Region, name: str, progress: Progress) -> None:
        self._region, self._name, self._progress = region, name, progress
        self._record: Record = region.training_jobs.get(name)
        self._folder = region.folder("training-jobs", name)
        self._cluster = form_cluster(self._record["ResourceConfig"])
        self._instances = [
            Instance(region, self._record, self._cluster, host) for host in self._cluster.hosts
        ]
        self._warning = ""
        self._metrics = Metrics(
            self._record["AlgorithmSpecification"].get("MetricDefinitions", []),
            lambda values: region.training_jobs.update(name, FinalMetricDataList=values),
            region.metric_watchers.get(name),
        )

    def download(self) -> None:
        """Provide every instance with channels and configuration, and check the source bundle."""
        self._progress.enter("Downloading")
        for instance in self._instances:
            instance.download()
        submitted = self._record.get("HyperParameters", {}).get("sagemaker_submit_directory", "")
        volume = self._record["ResourceConfig"].get("VolumeSizeInGB") or VOLUME_GB
        check_bundle(self._region, submitted.strip('"'), self._folder, volume)

    def train(self) -> None:
        """Run the launchers to their ends; raise JobFailure or Stopped unless all succeed."""
        self._progress.start_training()
        try:
            self._start()
            ending = self._watch()
            self._check_model()
        finally:
            stop_together(self._instances, 0)  # no process may remain
            with self._region.lock:
                self._region.job_processes.pop(self._name, None)
            with ExitStack() as stack:  # close all, even if one raises an error
                for instance in self._instances:
                    stack.callback(instance.close)
        if ending:
            self.upload()  # the script had time to save its model
            raise Stopped(ending)
        for instance in self._instances:
            if instance.checkpoints and instance.checkpoints.failure:
                raise instance.checkpoints.failure

    def _check_model(self) -> None:
        """Log a warning if no instance has left a model."""
        if not any(instance.has_model for instance in self._instances):
            self._warning = _NO_MODEL
            self._instances[0].log(f"local AWS: {_NO_MODEL}")

    def _start(self) -> None:
        for instance in self._instances:
            instance.start(self._metrics.read)
        with self._region.lock:  # from now on, StopTrainingJob reaches the processes
            processes = [instance.process for instance in self._instances if instance.process]
            self._region.job_processes[self._name] = processes
            stopping = self._progress.stopping
        if stopping:
            stop_together(self._instances, STOP_GRACE)

    def _watch(self) -> str:
        """Wait for the end; return how the job was stopped, or ""; raise JobFailure if it fails."""
        condition = self._record.get("StoppingCondition", {})
        deadline = time.monotonic() + condition.get("MaxRuntimeInSeconds", MAX_RUNTIME)
        while self._running():
            if time.monotonic() >= deadline:
                stop_together(self._instances, STOP_GRACE)
                return "MaxRuntimeExceeded"
            self._wait(deadline)
            if self._failed() and not self._progress.stopping:
                break
        if self._progress.stopping:
            return "Stopped"
        if self._failed():
            raise JobFailure(self._reason())
        return ""

    def _running(self) -> list[Instance]:
        return [instance for instance in self._instances if instance.code is None]

    def _failed(self) -> list[Instance]:
        return [instance for instance in self._instances if instance.code]

    def _wait(self, deadline: float) -> None:
        """Wait briefly for each running instance, or longer if the job has only one."""
        several = len(self._instances) > 1
        running = self._running()
        for instance in running:
            pause = _LOOK_SECONDS / len(running) if several else instance.volume.pause
            instance.wait(max(0.0, min(pause, deadline - time.monotonic())))

    def _reason(self) -> str:
        """Return the FailureReason, including instances that fail right after the first one."""
        end = time.monotonic() + _GATHER_SECONDS
        while self._running() and time.monotonic() < end:
            self._wait(end)
        failures = {one.host: (one.ml, one.code) for one in self._instances if one.code}
        return failure_reason(failures, several=len(self._instances) > 1)

    def upload(self) -> None:
        """Pack the files of all instances in model and output/data, and upload the archives."""
        self._progress.record("Uploading", self._warning)
        s3 = self._region.client("s3")
        root = self._record["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        prefix = f"{root}/{self._name}/output"
        for name, folder in {"model": "model", "output": "output/data"}.items():
            folders = {instance.host: instance.ml / folder for instance in self._instances}
            members = merge_folders(folders, f"/opt/ml/{folder}")
            if name == "output" and not members:
                continue
            archive = self._folder / f"{name}.tar.gz"
            archives.pack(members, archive)
            objects.upload_object(s3, archive, f"{prefix}/{name}.tar.gz")
        artifacts = {"S3ModelArtifacts": f"{prefix}/model.tar.gz"}
        self._region.training_jobs.update(self._name, ModelArtifacts=artifacts)

    def close(self) -> None:
        """Delete the job's folder and release its ports."""
        self._cluster.release()
        shutil.rmtree(self._folder, ignore_errors=True)
