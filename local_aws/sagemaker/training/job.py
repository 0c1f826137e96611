"""Run one training job from its record to its artifacts, in processes under AWS's launchers.

The steps and states are SageMaker's: Starting, Downloading, Training, Uploading, Completed. Every
instance is a process with a folder of its own; the first one that fails ends the job.
"""

import logging
import shutil
import time
from contextlib import ExitStack, closing

from local_aws import cloud
from local_aws.errors import JobFailure, ServiceError
from local_aws.records import Record
from local_aws.region import Region
from local_aws.sagemaker.containers import archives
from local_aws.sagemaker.training.cluster import form_cluster
from local_aws.sagemaker.training.failure_file import failure_reason
from local_aws.sagemaker.training.instance import Instance, stop_together
from local_aws.sagemaker.training.metrics import Metrics
from local_aws.sagemaker.training.outputs import gather
from local_aws.sagemaker.training.progress import Progress, Stopped

log = logging.getLogger(__name__)
MAX_RUNTIME = 86400  # seconds, unless the job says otherwise
STOP_GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
_REASON_LENGTH = 1024  # characters of a failure file that the API shows
_LOOK_SECONDS = 0.1  # between looks at several instances
_GATHER_SECONDS = 1.0  # in which those fall that miss the one that fell


def run_training_job(region: Region, name: str) -> None:
    """Carry a recorded job to Completed, Failed or Stopped; never raises."""
    progress = Progress(region, name)
    try:
        with closing(_Job(region, name, progress)) as job:
            job.download()
            job.train()
            job.upload()
        progress.finish("Completed", "Completed")
    except Stopped as stopped:
        progress.finish("Stopped", stopped.args[0])
    except (JobFailure, ServiceError) as failure:
        progress.finish("Failed", "Failed", FailureReason=str(failure)[:_REASON_LENGTH])
    except Exception:
        log.exception("training job %s", name)
        reason = "InternalServerError: see the local AWS's log"
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
        watchers = [watch] if (watch := region.metric_watchers.get(name)) else []
        self._metrics = Metrics(
            self._record["AlgorithmSpecification"].get("MetricDefinitions", []),
            lambda values: region.training_jobs.update(name, FinalMetricDataList=values),
            *watchers,
        )

    def download(self) -> None:
        """Give every instance its channels and its configuration."""
        self._progress.enter("Downloading")
        for instance in self._instances:
            instance.download()

    def train(self) -> None:
        """Run the launchers to their ends; raise JobFailure or Stopped unless all went well."""
        self._progress.start_training()
        try:
            self._start()
            ending = self._watch()
        finally:
            stop_together(self._instances, 0)  # however it ended, nothing of the job is left
            with self._region.lock:
                self._region.job_processes.pop(self._name, None)
            with ExitStack() as ends:  # whatever becomes of one, all are closed
                for instance in self._instances:
                    ends.callback(instance.close)
        if ending:
            self.upload()  # the script had the grace to save its model
            raise Stopped(ending)
        for checkpoints in (instance.checkpoints for instance in self._instances):
            if checkpoints and checkpoints.failure:
                raise checkpoints.failure

    def _start(self) -> None:
        for instance in self._instances:
            instance.start(self._metrics.read)
        with self._region.lock:  # from here on StopTrainingJob reaches them
            processes = [instance.process for instance in self._instances if instance.process]
            self._region.job_processes[self._name] = processes
            stopping = self._progress.stopping
        if stopping:
            stop_together(self._instances, STOP_GRACE)

    def _watch(self) -> str:
        """Wait for the end; return how the job was stopped, or nothing; raise if one fell."""
        condition = self._record.get("StoppingCondition", {})
        deadline = time.monotonic() + condition.get("MaxRuntimeInSeconds", MAX_RUNTIME)
        while self._running():
            if time.monotonic() >= deadline:
                stop_together(self._instances, STOP_GRACE)
                return "MaxRuntimeExceeded"
            self._wait(deadline)
            if self._fallen() and not self._progress.stopping:
                break
        if self._progress.stopping:
            return "Stopped"
        if self._fallen():
            raise JobFailure(self._reason())
        return ""

    def _running(self) -> list[Instance]:
        return [instance for instance in self._instances if instance.code is None]

    def _fallen(self) -> list[Instance]:
        return [instance for instance in self._instances if instance.code]

    def _wait(self, deadline: float) -> None:
        """Wait a moment for each instance that runs: a long one where there is only one."""
        several = len(self._instances) > 1
        running = self._running()
        for instance in running:
            pause = _LOOK_SECONDS / len(running) if several else instance.volume.pause
            instance.wait(max(0.0, min(pause, deadline - time.monotonic())))

    def _reason(self) -> str:
        """Return why the job failed: what the instances say that fell at once, by their hosts."""
        end = time.monotonic() + _GATHER_SECONDS
        while self._running() and time.monotonic() < end:
            self._wait(end)
        falls = {it.host: (it.ml, it.code) for it in self._instances if it.code}
        return failure_reason(falls, several=len(self._instances) > 1)

    def upload(self) -> None:
        """Pack what all instances left in model and output/data, and put it into S3."""
        self._progress.record("Uploading")
        s3 = self._region.client("s3")
        root = self._record["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        prefix = f"{root}/{self._name}/output"
        for name, folder in {"model": "model", "output": "output/data"}.items():
            folders = {instance.host: instance.ml / folder for instance in self._instances}
            members = gather(folders, f"/opt/ml/{folder}")
            if name == "output" and not members:
                continue
            archive = self._folder / f"{name}.tar.gz"
            archives.pack(members, archive)
            cloud.upload_object(s3, archive, f"{prefix}/{name}.tar.gz")
        artifacts = {"S3ModelArtifacts": f"{prefix}/model.tar.gz"}
        self._region.training_jobs.update(self._name, ModelArtifacts=artifacts)

    def close(self) -> None:
        """Take the job's folder and its ports away."""
        self._cluster.dissolve()
        shutil.rmtree(self._folder, ignore_errors=True)
