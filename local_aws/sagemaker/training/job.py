"""Run a training job from its record to its artifacts, in processes under AWS's launchers.

The steps and states are SageMaker's: Starting, Downloading, Training, Uploading, Completed. Each
instance is a process with its own folder; the first one that fails ends the job.
"""

import shutil
from contextlib import closing

from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.containers import archives
from local_aws.sagemaker.containers.archives import VOLUME_GB
from local_aws.sagemaker.containers.bundles import check_bundle
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.sagemaker.jobs.cluster import form_cluster
from local_aws.sagemaker.jobs.run import Run
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.failure_file import failure_reason
from local_aws.sagemaker.training.instance import Instance
from local_aws.sagemaker.training.metrics import Curves, Metrics
from local_aws.sagemaker.training.outputs import merge_folders
from local_aws.sagemaker.training.progress import Progress, Stopped

_NO_MODEL = (
    "Warning: the folder /opt/ml/model is empty, so model.tar.gz has no files. Save the model "
    "in the folder that SM_MODEL_DIR names."
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
        for instance in self._instances:
            instance.download()
        submitted = self._record.get("HyperParameters", {}).get("sagemaker_submit_directory", "")
        volume = self._record["ResourceConfig"].get("VolumeSizeInGB") or VOLUME_GB
        uri = submitted.strip('"')
        check_bundle(self._region, uri, self._folder, volume)
        provided = self._instances[0].ml / uri.removeprefix("/opt/ml/")
        if uri.startswith("/opt/ml/") and uri.endswith(".tar.gz") and provided.is_file():
            archives.check(provided, uri, volume)  # the bundle of an isolated job is in a channel

    def train(self) -> None:
        """Run the launchers to their ends; raise JobFailure or Stopped unless all succeed."""
        self._progress.start_training()
        run = Run(self._region, "Training", self._name, self._instances)
        try:
            for instance in self._instances:
                instance.start(self._metrics.read)
            run.begin()
            ending = run.watch(self._record["StoppingCondition"]["MaxRuntimeInSeconds"])
            if not ending and run.failed():
                failed = run.gather_failed()
                failures = {one.host: (one.ml, one.code or 0) for one in failed}
                raise JobFailure(failure_reason(failures, several=len(self._instances) > 1))
            self._check_model()
        finally:
            run.end()  # no process may remain
            self._curves.store()
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

    def upload(self) -> None:
        """Pack the files of all instances in model and output/data, and upload the archives."""
        self._progress.record("Uploading", self._warning)
        s3 = self._region.client("s3")
        config = self._record["OutputDataConfig"]
        prefix = f"{config['S3OutputPath'].rstrip('/')}/{self._name}/output"
        for name, folder in {"model": "model", "output": "output/data"}.items():
            folders = {instance.host: instance.ml / folder for instance in self._instances}
            members = merge_folders(folders, f"/opt/ml/{folder}")
            if name == "output" and not members:
                continue
            archive = self._folder / f"{name}.tar.gz"
            archives.pack(members, archive)
            key = config["KmsKeyId"] or objects.DEFAULT_KEY
            objects.upload_object(s3, archive, f"{prefix}/{name}.tar.gz", key)
        artifacts = {"S3ModelArtifacts": f"{prefix}/model.tar.gz"}
        self._region.training_jobs.update(self._name, ModelArtifacts=artifacts)

    def close(self) -> None:
        """Delete the job's folder and release its ports."""
        self._cluster.release()
        shutil.rmtree(self._folder, ignore_errors=True)
